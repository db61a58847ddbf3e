//! Imports what nobody exports.

pack::world!({ path: "../../wit/chain.wit", world: "odd-one" });

#[pack::export]
fn run() -> u32 {
    test::chain::odd::missing();
    test::chain::odd::echo("odd")
}
