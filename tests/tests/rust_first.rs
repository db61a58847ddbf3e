//! A package without WIT: the text it prints as is that of the file, and hosts made from the file call it.

use pack_tests::load;

const WIT: &str = "wit/rust-first.wit";

#[test]
fn it_prints_as_the_wit_that_hosts_are_made_from() {
    let printed = load("rust-first").types().to_wit().unwrap();
    if std::env::var_os("PACK_BLESS").is_some() {
        std::fs::write(WIT, &printed).unwrap();
    }
    assert_eq!(printed, std::fs::read_to_string(WIT).unwrap());
}
