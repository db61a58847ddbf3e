//! Runs a package that has no WIT: the package itself is the contract. With `--wit` it is printed.

use std::error::Error;

use Expr::{Number, Product, Sum, X};
use pack_runtime::Runtime;

pack_runtime::bindgen!(env!("DERIVATIVE_PACKAGE"));

fn main() -> Result<(), Box<dyn Error>> {
    let package = Runtime::new()?.load_file(env!("DERIVATIVE_PACKAGE"))?;
    if std::env::args().any(|argument| argument == "--wit") {
        print!("{}", package.types().to_wit()?);
        return Ok(());
    }
    let square = Product((Box::new(X), Box::new(X)));
    let of = Sum((Box::new(square), Box::new(Number(7.0))));
    let derivative = Derivative::instantiate(&package, ())?.derivative(&of)?;
    println!("({})' = {}", text(&of), text(&derivative));
    Ok(())
}

fn text(expr: &Expr) -> String {
    match expr {
        Number(number) => number.to_string(),
        X => "x".to_owned(),
        Sum((a, b)) => format!("{} + {}", text(a), text(b)),
        Product((a, b)) => format!("{} * {}", text(a), text(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_says_what_it_does() -> Result<(), Box<dyn Error>> {
        let package = Runtime::new()?.load_file(env!("DERIVATIVE_PACKAGE"))?;
        let wit = package.types().to_wit()?;
        assert!(wit.contains("product(tuple<expr, expr>)"), "{wit}");
        assert!(wit.contains("/// The derivative of an expression with respect to x.\n"));
        let of = Product((Box::new(Number(3.0)), Box::new(X)));
        let derivative = Derivative::instantiate(&package, ())?.derivative(&of)?;
        assert_eq!(text(&derivative), "0 * x + 3 * 1");
        Ok(())
    }
}
