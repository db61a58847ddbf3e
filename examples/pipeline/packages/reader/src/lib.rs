//! Takes texts apart into sections: lines that begin with `#` are headings, as deep as they have of these.

pack::world!({ path: "../../wit", world: "reader" });

use demo::pipeline::documents::Section;
use demo::pipeline::library;
use exports::demo::pipeline::documents;

#[pack::export(documents)]
fn open(name: String) -> Result<Section, String> {
    let text = library::read(&name)?;
    let mut document = section(name);
    // The sections that are open, outermost first.
    let mut open: Vec<(usize, Section)> = Vec::new();
    for line in text.lines() {
        let depth = line.bytes().take_while(|byte| *byte == b'#').count();
        if depth == 0 {
            let current = open
                .last_mut()
                .map_or(&mut document, |(_, section)| section);
            current.words += words(line);
            continue;
        }
        close(&mut open, &mut document, depth);
        let title = line.trim_start_matches('#').trim();
        open.push((depth, section(title.to_owned())));
    }
    close(&mut open, &mut document, 0);
    Ok(document)
}

fn section(title: String) -> Section {
    Section {
        title,
        words: 0,
        sections: Vec::new(),
    }
}

fn words(line: &str) -> u32 {
    u32::try_from(line.split_whitespace().count()).unwrap_or(u32::MAX)
}

/// Puts sections that are at least so deep where they belong.
fn close(open: &mut Vec<(usize, Section)>, document: &mut Section, depth: usize) {
    while let Some((_, section)) = open.pop_if(|(open, _)| *open >= depth) {
        let parent = open.last_mut().map_or(&mut *document, |(_, parent)| parent);
        parent.sections.push(section);
    }
}
