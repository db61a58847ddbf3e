//! Numbers and strings as jq writes them: what the host prints, and what the guest quotes in its
//! messages.

use std::fmt::{self, Write};

/// Writes a number with as few digits as tell it from every other double.
///
/// JSON has no word for what is not a number or is infinite: as in jq these are `null` and the
/// largest double.
pub fn write_number(out: &mut impl Write, number: f64) -> fmt::Result {
    if number.is_nan() {
        return out.write_str("null");
    }
    let scientific = format!("{:e}", number.clamp(f64::MIN, f64::MAX));
    let (sign, unsigned) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific.as_str()),
    };
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.replace('.', "");
    out.write_str(sign)?;
    write_digits(out, &digits, exponent)
}

/// Writes `d.ddd × 10^exponent`: in full, unless that takes many zeros.
fn write_digits(out: &mut impl Write, digits: &str, exponent: i32) -> fmt::Result {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let (whole, fraction) = digits.split_at(
        usize::try_from(exponent.saturating_add(1))
            .unwrap_or(0)
            .min(digits.len()),
    );
    if exponent < -4 || exponent > count.saturating_add(14) {
        let (first, rest) = digits.split_at(1.min(digits.len()));
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(
            out,
            "{first}{point}{rest}e{sign}{:02}",
            exponent.unsigned_abs()
        )
    } else if exponent < 0 {
        let zeros = usize::try_from(-1 - exponent).unwrap_or(0);
        write!(out, "0.{}{digits}", "0".repeat(zeros))
    } else if fraction.is_empty() {
        let zeros = usize::try_from(exponent + 1 - count).unwrap_or(0);
        write!(out, "{whole}{}", "0".repeat(zeros))
    } else {
        write!(out, "{whole}.{fraction}")
    }
}

/// Writes a string between quotes, with the escapes it needs and no others.
pub fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut plain = 0;
    for (at, char) in text.char_indices() {
        if !matches!(char, '"' | '\\' | '\0'..='\x1f' | '\x7f') {
            continue;
        }
        out.write_str(text.get(plain..at).unwrap_or_default())?;
        plain = at + char.len_utf8();
        match char {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            '\x08' => out.write_str("\\b"),
            '\x0c' => out.write_str("\\f"),
            _ => write!(out, "\\u{:04x}", u32::from(char)),
        }?;
    }
    out.write_str(text.get(plain..).unwrap_or_default())?;
    out.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: f64) -> String {
        let mut out = String::new();
        write_number(&mut out, value).unwrap();
        out
    }

    #[test]
    fn numbers_are_written_as_jq_writes_them() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (100.0, "100"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000"),
            (1.5e15, "1500000000000000"),
            (1e16, "1e+16"),
            (1.5e16, "15000000000000000"),
            (1.5e17, "1.5e+17"),
            (123_456_789_012_345_678.0, "123456789012345680"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (0.00001, "1e-05"),
            (0.00001234, "1.234e-05"),
            (1e100, "1e+100"),
            (1.5e300, "1.5e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "1.7976931348623157e+308"),
            (f64::NEG_INFINITY, "-1.7976931348623157e+308"),
            (f64::NAN, "null"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn written_numbers_read_back() {
        let mut bits: u64 = 1;
        for _ in 0..20_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(bits);
            if value.is_finite() {
                assert_eq!(
                    number(value).parse::<f64>().unwrap().to_bits(),
                    value.to_bits()
                );
            }
        }
    }

    #[test]
    fn strings_are_escaped_where_they_must_be() {
        let mut out = String::new();
        write_string(&mut out, "a\"\\/\n\r\t\u{8}\u{c}\0\u{1f}\u{7f}é😀").unwrap();
        assert_eq!(out, r#""a\"\\/\n\r\t\b\f\u0000\u001f\u007fé😀""#);
    }
}
