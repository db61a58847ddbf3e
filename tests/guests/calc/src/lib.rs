//! Evaluates expressions; tested natively too.

pack::world!({ path: "../../wit/calc.wit" });

use exports::test::calc::eval as function;
use test::calc::eval::{Binary, Expr, Precision, Sample};

#[pack::export(function)]
fn evaluate(expr: Expr, precision: Precision) -> Result<f64, String> {
    log(&format!("evaluating {} nodes", count_nodes(&expr)));
    let value = value(&expr)?;
    Ok(match precision {
        Precision::Single => f64::from(value as f32),
        Precision::Double => value,
    })
}

#[pack::export(function)]
fn count(expr: Expr) -> u32 {
    count_nodes(&expr)
}

#[pack::export(function)]
fn differences(samples: &mut [Sample]) -> &[Sample] {
    let mut last = 0.0;
    for sample in &mut *samples {
        sample.value -= last;
        last += sample.value;
    }
    samples
}

fn count_nodes(expr: &Expr) -> u32 {
    match expr {
        Expr::Number(_) => 1,
        Expr::Binary(binary) => 1 + count_nodes(&binary.left) + count_nodes(&binary.right),
    }
}

fn value(expr: &Expr) -> Result<f64, String> {
    let Binary { op, left, right } = match expr {
        Expr::Number(number) => return Ok(*number),
        Expr::Binary(binary) => &**binary,
    };
    let (left, right) = (value(left)?, value(right)?);
    match op.as_str() {
        "+" => Ok(left + right),
        "*" => Ok(left * right),
        "!" => panic!("no idea what ! means"),
        other => Err(format!("unknown operator {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_are_ordinary_functions() {
        let number = |n| Box::new(Expr::Number(n));
        let sum = Binary {
            op: "+".into(),
            left: number(1.0),
            right: number(2.0),
        };
        let sum = Expr::Binary(Box::new(sum));
        assert_eq!(count(sum.clone()), 3);
        let sample = |at, value| Sample { at, value };
        let mut samples = [sample(1, 2.0), sample(2, 5.0)];
        let differences = differences(&mut samples);
        assert_eq!(differences, [sample(1, 2.0), sample(2, 3.0)]);
        // The import has no result, so that it need not be answered.
        assert_eq!(evaluate(sum.clone(), Precision::Double), Ok(3.0));
        let log = mocks::log(|line| assert_eq!(line, "evaluating 3 nodes"));
        assert_eq!(evaluate(sum, Precision::Double), Ok(3.0));
        assert_eq!(log.calls(), 1);
    }
}
