//! The operators of arithmetic, on values of every type.

use crate::access::wrong_type;
use crate::demo::json_query::types::{ArithmeticOperator, Json, QueryError, QueryErrorKind};
use crate::describe::describe;
use crate::limits::{MAX_REPEATED_BYTES, too_large};
use crate::object::{merge, merge_deeply};
use crate::order::equal;
use crate::value::Value;

/// Combines two values.
pub(crate) fn combine<'a>(
    operator: ArithmeticOperator,
    left: Value<'a>,
    right: Value<'a>,
) -> Result<Value<'a>, QueryError> {
    match operator {
        ArithmeticOperator::Add => add(left, right),
        ArithmeticOperator::Subtract => subtract(left, &right).map(Value::from),
        ArithmeticOperator::Multiply => multiply(left, right).map(Value::from),
        ArithmeticOperator::Divide => divide(&left, &right).map(Value::from),
        ArithmeticOperator::Remainder => remainder(&left, &right).map(Value::from),
    }
}

/// The number of the opposite sign.
pub(crate) fn negate(operand: &Json) -> Result<Json, QueryError> {
    match operand {
        Json::Number(number) => Ok(Json::Number(-number)),
        other => Err(wrong_type(format!("{} cannot be negated", describe(other)))),
    }
}

fn add<'a>(left: Value<'a>, right: Value<'a>) -> Result<Value<'a>, QueryError> {
    match (&*left, &*right) {
        (Json::Null, _) => return Ok(right),
        (_, Json::Null) => return Ok(left),
        (Json::Number(_), Json::Number(_))
        | (Json::Text(_), Json::Text(_))
        | (Json::Array(_), Json::Array(_))
        | (Json::Object(_), Json::Object(_)) => {}
        _ => return Err(mismatch(&left, &right, "added")),
    }
    let mut sum = left.into_json();
    match (&mut sum, right.into_json()) {
        (Json::Number(sum), Json::Number(number)) => *sum += number,
        (Json::Text(sum), Json::Text(text)) => sum.push_str(&text),
        (Json::Array(sum), Json::Array(items)) => sum.extend(items),
        (Json::Object(sum), Json::Object(members)) => merge(sum, members),
        _ => {}
    }
    Ok(sum.into())
}

fn subtract(left: Value<'_>, right: &Json) -> Result<Json, QueryError> {
    match (&*left, right) {
        (Json::Number(left), Json::Number(right)) => Ok(Json::Number(left - right)),
        (Json::Array(left), Json::Array(right)) => {
            let kept = left
                .iter()
                .filter(|item| !right.iter().any(|other| equal(item, other)));
            Ok(Json::Array(kept.cloned().collect()))
        }
        _ => Err(mismatch(&left, right, "subtracted")),
    }
}

fn multiply(left: Value<'_>, right: Value<'_>) -> Result<Json, QueryError> {
    match (&*left, &*right) {
        (Json::Number(left), Json::Number(right)) => Ok(Json::Number(left * right)),
        (Json::Text(text), Json::Number(times)) | (Json::Number(times), Json::Text(text)) => {
            repeat(text, *times)
        }
        (Json::Object(_), Json::Object(_)) => {
            let mut merged = left.into_json();
            if let (Json::Object(members), Json::Object(others)) = (&mut merged, right.into_json())
            {
                merge_deeply(members, others);
            }
            Ok(merged)
        }
        _ => Err(mismatch(&left, &right, "multiplied")),
    }
}

fn divide(left: &Json, right: &Json) -> Result<Json, QueryError> {
    match (left, right) {
        (Json::Number(_), Json::Number(0.0)) => Err(by_zero(left, right, "divided")),
        (Json::Number(left), Json::Number(right)) => Ok(Json::Number(left / right)),
        (Json::Text(text), Json::Text(separator)) => Ok(Json::Array(split(text, separator))),
        _ => Err(mismatch(left, right, "divided")),
    }
}

/// The remainder of whole numbers, with the sign of the dividend; fractions do not count.
fn remainder(left: &Json, right: &Json) -> Result<Json, QueryError> {
    let (Json::Number(dividend), Json::Number(divisor)) = (left, right) else {
        return Err(mismatch(left, right, "divided (remainder)"));
    };
    if dividend.is_nan() || divisor.is_nan() {
        return Ok(Json::Number(f64::NAN));
    }
    match whole(*divisor) {
        0 => Err(by_zero(left, right, "divided (remainder)")),
        divisor => Ok(Json::Number(number(
            whole(*dividend).checked_rem(divisor).unwrap_or(0),
        ))),
    }
}

/// A string some number of times: `null` for a negative number, and fractions do not count.
fn repeat(text: &str, times: f64) -> Result<Json, QueryError> {
    if times < 0.0 || times.is_nan() {
        return Ok(Json::Null);
    }
    let times = if text.is_empty() {
        0
    } else {
        usize::try_from(whole(times)).unwrap_or(usize::MAX)
    };
    if text.len().saturating_mul(times) > MAX_REPEATED_BYTES {
        return Err(too_large("Repeat string result too long"));
    }
    Ok(Json::Text(text.repeat(times)))
}

/// The parts of a string between separators; without a separator, its characters.
fn split(text: &str, separator: &str) -> Vec<Json> {
    if text.is_empty() {
        Vec::new()
    } else if separator.is_empty() {
        text.chars().map(|char| Json::Text(char.into())).collect()
    } else {
        text.split(separator)
            .map(|part| Json::Text(part.to_owned()))
            .collect()
    }
}

/// A number without its fraction, or the nearest there is.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, which is what jq does"
)]
fn whole(number: f64) -> i64 {
    number as i64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the nearest double is what jq gives too"
)]
fn number(whole: i64) -> f64 {
    whole as f64
}

fn mismatch(left: &Json, right: &Json, done: &str) -> QueryError {
    wrong_type(format!(
        "{} and {} cannot be {done}",
        describe(left),
        describe(right)
    ))
}

fn by_zero(left: &Json, right: &Json, done: &str) -> QueryError {
    let message = format!(
        "{} and {} cannot be {done} because the divisor is zero",
        describe(left),
        describe(right)
    );
    QueryError {
        kind: QueryErrorKind::DivisionByZero,
        message,
    }
}
