use pack::GraphValue;


#[derive(GraphValue)]
struct Folder {
    entries: Vec<Entry>,
}

#[derive(GraphValue)]
enum Entry {
    File(String),
    Folder(Folder),
}

fn main() {}
