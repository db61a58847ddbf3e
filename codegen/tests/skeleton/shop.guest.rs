#[pack::export]
#[expect(unused_variables, reason = "until it is written")]
fn first(part: Part) -> Part {
    todo!("write `first`")
}

/// Has the exports of this package.
pub struct Package;

#[pack::export]
impl exports::demo::shop::Stock for Package {
    /// Counts items that are on a shelf.
    #[expect(unused_variables, reason = "until it is written")]
    fn count(
        items: Vec<demo::shop::stock::Item>,
        on: pack::Borrow<demo::shop::stock::Shelf>,
    ) -> Result<u64, demo::shop::stock::Part> {
        todo!("write `count`")
    }

    fn clear() {
        todo!("write `clear`")
    }
}

/// A `Shelf` of this package.
pub struct Shelf;

#[pack::export]
impl exports::demo::shop::stock::ShelfResource for Shelf {
    #[expect(unused_variables, reason = "until it is written")]
    fn new(size: u32) -> Self {
        todo!("write `new`")
    }

    #[expect(unused_variables, reason = "until it is written")]
    fn put(&self, item: demo::shop::stock::Item) -> Option<demo::shop::stock::Item> {
        todo!("write `put`")
    }

    #[expect(unused_variables, reason = "until it is written")]
    fn largest(shelves: Vec<pack::Borrow<demo::shop::stock::Shelf>>) -> u32 {
        todo!("write `largest`")
    }
}
