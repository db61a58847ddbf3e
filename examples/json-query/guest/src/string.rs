//! String literals.

/// Reads a string literal from its opening quote on. Gives the string and how many bytes it took;
/// or what is wrong, and at which byte.
pub(crate) fn read(text: &str) -> Result<(String, usize), (&'static str, usize)> {
    let mut string = String::new();
    let mut at = 1;
    while let Some(rest) = text.get(at..) {
        let plain = rest.find(['"', '\\']).unwrap_or(rest.len());
        let (before, rest) = rest.split_at(plain);
        string.push_str(before);
        at += plain;
        if rest.is_empty() {
            break;
        }
        let Some(escape) = rest.strip_prefix('\\') else {
            return Ok((string, at + 1));
        };
        let (char, len) = read_escape(escape).map_err(|message| (message, at))?;
        string.push(char);
        at += 1 + len;
    }
    Err(("the string does not end", 0))
}

/// Reads an escape from behind its backslash. Gives the character and how many bytes it took.
fn read_escape(text: &str) -> Result<(char, usize), &'static str> {
    let char = match text.bytes().next() {
        Some(b'u') => return read_unicode_escape(text),
        Some(b'(') => return Err("string interpolation is not supported"),
        Some(char @ (b'"' | b'\\' | b'/')) => char::from(char),
        Some(b'b') => '\x08',
        Some(b'f') => '\x0c',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        _ => return Err("invalid escape"),
    };
    Ok((char, 1))
}

/// Reads `uXXXX`, or two of them for a character that takes two.
fn read_unicode_escape(text: &str) -> Result<(char, usize), &'static str> {
    let first = read_unit(text).ok_or("invalid \\uXXXX escape")?;
    if !(0xD800..0xDC00).contains(&first) {
        return Ok((
            char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
            5,
        ));
    }
    let second = text
        .get(5..)
        .and_then(|rest| rest.strip_prefix('\\'))
        .and_then(read_unit);
    match second {
        Some(second @ 0xDC00..0xE000) => {
            let char = char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            Ok((char.unwrap_or(char::REPLACEMENT_CHARACTER), 11))
        }
        _ => Err("invalid \\uXXXX\\uXXXX surrogate pair escape"),
    }
}

/// Reads the number in `uXXXX`.
fn read_unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    let all_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all_hexadecimal.then(|| u32::from_str_radix(digits, 16).ok())?
}
