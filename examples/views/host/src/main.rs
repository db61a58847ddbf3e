//! Has a package read a document, and reads its answer where it lies.

use pack_runtime::{Error, Runtime};

pack_runtime::bindgen!({ path: "../wit", package: env!("VIEWS_PACKAGE"), views: ["find"] });

use demo::documents::types::Section;

fn main() -> Result<(), Error> {
    let (words, found) = ask("Ferns")?;
    println!(
        "{words} words; about ferns: {}",
        found.as_deref().unwrap_or("nothing")
    );
    Ok(())
}

/// How many words a document has, and the first text of a section.
fn ask(title: &str) -> Result<(u32, Option<String>), Error> {
    let package = Runtime::new()?.load_file(env!("VIEWS_PACKAGE"))?;
    let mut documents = Documents::instantiate(&package, ())?;
    let text = |text: &str| Document::Text(text.to_owned());
    let section = |title: &str, parts| {
        let title = title.to_owned();
        Document::Section(Section { title, parts })
    };
    let ferns = section("Ferns", vec![text("They want water.")]);
    let document = section("Plants", vec![text("All of them are green."), ferns]);
    let words = documents.words(&document)?;
    // The answer is in the memory of the package, which is borrowed for as long as it is looked at.
    let found = documents.find(&document, title)?;
    let found = match found.get() {
        Some(DocumentRef::Section(section)) => first_text(section.parts.iter()),
        _ => None,
    };
    Ok((words, found.map(str::to_owned)))
}

fn first_text<'a>(mut parts: impl Iterator<Item = DocumentRef<'a>>) -> Option<&'a str> {
    parts.find_map(|part| match part {
        DocumentRef::Text(text) => Some(text),
        DocumentRef::Section(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_found() -> Result<(), Error> {
        assert_eq!(ask("Ferns")?, (8, Some("They want water.".to_owned())));
        assert_eq!(ask("Trees")?, (8, None));
        Ok(())
    }
}
