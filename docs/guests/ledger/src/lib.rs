//! Knows the balance of accounts.

pack::world!("../../wit/ledger.wit");

#[pack::export(exports::demo::ledger::accounts)]
fn get(account: &str) -> Option<f64> {
    match account {
        "rent" => Some(900.0),
        "food" => Some(300.0),
        _ => None,
    }
}
