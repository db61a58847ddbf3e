//! A package that reads documents where they lie: nothing of them is made.

pack::world!("../wit");

#[pack::export]
fn words(document: DocumentRef<'_>) -> u32 {
    match document {
        DocumentRef::Text(text) => text.split_whitespace().map(|_| 1).sum(),
        DocumentRef::Section(section) => section.parts.iter().map(words).sum(),
    }
}

// What is found goes back as it lies in the argument.
#[pack::export]
fn find<'a>(document: DocumentRef<'a>, title: &str) -> Option<DocumentRef<'a>> {
    match document {
        DocumentRef::Section(section) if section.title == title => Some(document),
        DocumentRef::Section(section) => section.parts.iter().find_map(|part| find(part, title)),
        DocumentRef::Text(_) => None,
    }
}
