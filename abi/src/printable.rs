//! Words of others, in what people read.

/// Whether a character changes how a terminal or an editor shows what is around it: it steers, ends a line, or turns the
/// direction of writing (those that Unicode Standard Annex #9 names).
pub fn is_steering(c: char) -> bool {
    let is_format = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    is_format || c.is_control()
}

/// The character; in the place of one that [steers](is_steering), U+FFFD.
pub fn printable(c: char) -> char {
    match is_steering(c) {
        true => char::REPLACEMENT_CHARACTER,
        false => c,
    }
}
