//! WIT, and the code that is made of it.

use std::panic::{self, Location};

use pack_codegen::wit::{Features, Source, parse_with};
use pack_codegen::{Config, Ownership, Side};

use crate::contract::{
    assert_is_printed_as_it_was_read, assert_reads_the_same_when_written, use_up,
};
use crate::cost::bounded;

/// Memory that a text may take, all of its code included.
const MEMORY: usize = 256 << 20;

/// WIT in UTF-8. The first line may say which world is meant: `// world: NAME`.
pub fn wit(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    bounded(MEMORY, &text, || check(text));
}

fn check(text: &str) {
    let world = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("// world: "));
    let config = match world {
        Some(world) => Config::inline(text).world(world),
        None => Config::inline(text),
    };
    let config = config.all_features(true);
    let contract = match parse_with(&Source::Inline(text.into()), world, &Features::All) {
        Ok(world) => world.contract,
        Err(mistakes) => {
            assert!(!mistakes.to_string().trim().is_empty());
            for side in [Side::Host, Side::Guest] {
                assert!(config.generate(side).is_err(), "{mistakes}");
            }
            return;
        }
    };
    use_up(&contract);
    assert_reads_the_same_when_written(&contract);
    assert_is_printed_as_it_was_read(&contract);
    let changed = config.clone().ownership(Ownership::Owned).tracing(true);
    for (side, config) in [
        (Side::Host, &config),
        (Side::Guest, &config),
        (Side::Host, &changed.clone().asynchronous(true)),
        (Side::Guest, &changed),
    ] {
        match config.generate(side) {
            Err(mistakes) => assert!(!mistakes.to_string().trim().is_empty()),
            Ok(code) => {
                let parsed = syn::parse2::<syn::File>(code.tokens.clone());
                parsed.unwrap_or_else(|error| panic!("{error}\n{}", code.tokens));
            }
        }
    }
}

/// Some mistakes make `wit-parser` panic, which `pack-codegen` catches and reports. A hook that ends the program at every
/// panic, as libFuzzer's does, must not see those.
pub fn let_wit_parser_panic() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_of_wit_parser = |place: &Location<'_>| place.file().contains("/wit-parser-");
        if !info.location().is_some_and(is_of_wit_parser) {
            hook(info);
        }
    }));
}
