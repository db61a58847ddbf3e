//! Adds up the words of sections.

pack::world!({ path: "../../wit", world: "counter" });

use demo::pipeline::documents::{self, Section};
use demo::pipeline::statistics::Weighed;
use exports::demo::pipeline::statistics;

#[pack::export(statistics)]
fn weigh(name: String) -> Result<Weighed, String> {
    documents::open(&name).map(weighed)
}

fn weighed(section: Section) -> Weighed {
    let sections: Vec<Weighed> = section.sections.into_iter().map(weighed).collect();
    Weighed {
        title: section.title,
        words: section.words + sections.iter().map(|section| section.words).sum::<u32>(),
        sections,
    }
}
