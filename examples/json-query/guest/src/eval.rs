//! Running filters.

use std::iter::{empty, once};

use crate::access::{count, field, index, iterate, wrong_type};
use crate::arithmetic::{combine, negate};
use crate::demo::json_query::types::{Filter, Json, QueryError};
use crate::describe::describe;
use crate::limits::check_depth;
use crate::object::{Members, set, sorted};
use crate::order::holds;
use crate::product::Product;
use crate::value::Value;

/// The outputs of a filter. Each is computed when it is asked for, so that of several errors the
/// first in jq's order of evaluation is met first; after an error there is nothing of meaning.
pub(crate) type Outputs<'a> = Box<dyn Iterator<Item = Output<'a>> + 'a>;

type Output<'a> = Result<Value<'a>, QueryError>;

/// Runs a filter on one input.
pub(crate) fn eval<'a>(filter: &'a Filter, input: Value<'a>) -> Outputs<'a> {
    match filter {
        Filter::Identity => one(Ok(input)),
        Filter::Literal(literal) => one(Ok(Value::Borrowed(literal))),
        Filter::Field((target, name)) => {
            Box::new(eval(target, input).map(move |target| field(&target?, name)))
        }
        Filter::Index((target, key)) => {
            combinations([key, target], input, |[key, target]| index(&target, &key))
        }
        Filter::Slice(slice) => {
            const WHOLE: Filter = Filter::Literal(Json::Null);
            let bound = |bound: &'a Option<Box<Filter>>| bound.as_deref().unwrap_or(&WHOLE);
            let parts = [bound(&slice.start), bound(&slice.end), &*slice.target];
            combinations(parts, input, |[start, end, target]| {
                let bounds = [("start", start), ("end", end)];
                let bounds = bounds.map(|(name, bound)| (name.to_owned(), bound.into_json()));
                index(&target, &Json::Object(bounds.into()))
            })
        }
        Filter::Iterate(target) => then(eval(target, input), |target| match iterate(target) {
            Ok(elements) => Box::new(elements.map(Ok)),
            Err(error) => one(Err(error)),
        }),
        Filter::Pipe((first, second)) => then(eval(first, input), |output| eval(second, output)),
        Filter::Comma(parts) => {
            Box::new(parts.iter().flat_map(move |part| eval(part, input.clone())))
        }
        Filter::Comparison(comparison) => combinations(
            [&comparison.right, &comparison.left],
            input,
            |[right, left]| Ok(Json::Boolean(holds(comparison.operator, &left, &right)).into()),
        ),
        Filter::Arithmetic(arithmetic) => combinations(
            [&arithmetic.right, &arithmetic.left],
            input,
            |[right, left]| combine(arithmetic.operator, left, right),
        ),
        Filter::Negate(operand) => {
            Box::new(eval(operand, input).map(|operand| Ok(negate(&*operand?)?.into())))
        }
        Filter::Select(condition) => {
            then(eval(condition, input.clone()), move |holds| match &*holds {
                Json::Null | Json::Boolean(false) => Box::new(empty()),
                _ => one(Ok(input.clone())),
            })
        }
        Filter::Object(members) => objects(members, input),
        Filter::Array(None) => one(Ok(Json::Array(Vec::new()).into())),
        Filter::Array(Some(elements)) => one(array(eval(elements, input))),
        Filter::Length => one(length(&input)),
        Filter::Keys => one(keys(&input)),
        Filter::Map(each) => match iterate(input) {
            Ok(elements) => one(array(elements.flat_map(|element| eval(each, element)))),
            Err(error) => one(Err(error)),
        },
    }
}

fn one<'a>(output: Output<'a>) -> Outputs<'a> {
    Box::new(once(output))
}

/// For each output, the outputs of what comes next.
fn then<'a>(
    outputs: Outputs<'a>,
    mut next: impl FnMut(Value<'a>) -> Outputs<'a> + 'a,
) -> Outputs<'a> {
    Box::new(outputs.flat_map(move |output| match output {
        Ok(value) => next(value),
        Err(error) => one(Err(error)),
    }))
}

/// Runs several filters on the same input and joins what they give in every combination, the first
/// filter's outputs changing slowest.
fn combinations<'a, const N: usize, T: 'a>(
    filters: [&'a Filter; N],
    input: Value<'a>,
    join: impl Fn([Value<'a>; N]) -> Result<T, QueryError> + 'a,
) -> Box<dyn Iterator<Item = Result<T, QueryError>> + 'a> {
    let product = Product::new(move |at| Some(eval(filters.get(at)?, input.clone())));
    Box::new(
        product.filter_map(move |values| match values.map(<[Value<'a>; N]>::try_from) {
            Ok(values) => values.ok().map(&join),
            Err(error) => Some(Err(error)),
        }),
    )
}

/// Objects with one member for each pair of filters.
fn objects<'a>(members: &'a [(Filter, Filter)], input: Value<'a>) -> Outputs<'a> {
    let product = Product::new(move |at| {
        let (key, value) = members.get(at)?;
        Some(combinations(
            [key, value],
            input.clone(),
            |[key, value]| match &*key {
                Json::Text(key) => Ok((key.clone(), value)),
                key => Err(wrong_type(format!(
                    "Cannot use {} as object key",
                    describe(key)
                ))),
            },
        ))
    });
    Box::new(product.map(|members| {
        let mut object = Members::new();
        for (key, value) in members? {
            set(&mut object, key, value.into_json());
        }
        made(Json::Object(object))
    }))
}

/// The array of some outputs.
fn array<'a>(outputs: impl Iterator<Item = Output<'a>>) -> Output<'a> {
    let items: Result<Vec<Json>, QueryError> =
        outputs.map(|output| Ok(output?.into_json())).collect();
    made(Json::Array(items?))
}

/// A value that is one level deeper than what it was made of.
fn made<'a>(json: Json) -> Output<'a> {
    check_depth(&json)?;
    Ok(json.into())
}

fn length<'a>(input: &Json) -> Output<'a> {
    let length = match input {
        Json::Null => 0.0,
        Json::Boolean(_) => return Err(wrong_type(format!("{} has no length", describe(input)))),
        Json::Number(number) => number.abs(),
        Json::Text(text) => count(text.chars().count()),
        Json::Array(items) => count(items.len()),
        Json::Object(members) => count(members.len()),
    };
    Ok(Json::Number(length).into())
}

fn keys<'a>(input: &Json) -> Output<'a> {
    let keys = match input {
        Json::Array(items) => (0..items.len())
            .map(|place| Json::Number(count(place)))
            .collect(),
        Json::Object(members) => sorted(members)
            .iter()
            .map(|(key, _)| Json::Text((*key).to_owned()))
            .collect(),
        _ => return Err(wrong_type(format!("{} has no keys", describe(input)))),
    };
    Ok(Json::Array(keys).into())
}
