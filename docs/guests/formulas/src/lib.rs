//! Evaluates the formulas of a spreadsheet.

pack::world!("../../wit/formulas.wit");

use demo::formulas::cells;
use pack::log::Level;

#[pack::export]
fn evaluate(formula: Formula) -> Result<f64, Problem> {
    let result = value(&formula);
    if let Err(problem) = &result {
        let text = format!("no value: {problem:?}");
        pack::log::write(Level::Warn, module_path!(), &text, &[]);
    }
    result
}

fn value(formula: &Formula) -> Result<f64, Problem> {
    match formula {
        Formula::Number(number) => Ok(*number),
        Formula::Cell(name) => cells::get(name).ok_or_else(|| Problem::NoSuchCell(name.clone())),
        Formula::Sum(parts) => parts.iter().map(value).sum(),
        Formula::Quotient((dividend, divisor)) => match value(divisor)? {
            0.0 => Err(Problem::DivisionByZero),
            divisor => Ok(value(dividend)? / divisor),
        },
        Formula::Largest(parts) => {
            let values: Result<Vec<f64>, Problem> = parts.iter().map(value).collect();
            let largest = values?.into_iter().reduce(f64::max);
            Ok(largest.expect("the largest of nothing"))
        }
    }
}

#[pack::export]
fn simplify(formula: Formula) -> Formula {
    match formula {
        Formula::Sum(parts) => {
            let mut parts: Vec<Formula> = parts.into_iter().map(simplify).collect();
            match parts.len() {
                1 => parts.remove(0),
                _ => Formula::Sum(parts),
            }
        }
        Formula::Quotient((dividend, divisor)) => {
            Formula::Quotient((Box::new(simplify(*dividend)), Box::new(simplify(*divisor))))
        }
        Formula::Largest(parts) => Formula::Largest(parts.into_iter().map(simplify).collect()),
        leaf => leaf,
    }
}
