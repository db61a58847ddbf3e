//! A package without WIT: its Rust types and functions are the contract.

use Expr::{Number, Product, Sum, X};
use pack::{GraphValue, PackType};

pack::package!("demo:derivative");

#[derive(Clone, GraphValue, PackType)]
enum Expr {
    Number(f64),
    X,
    Sum(Box<Expr>, Box<Expr>),
    Product(Box<Expr>, Box<Expr>),
}

/// The derivative of an expression with respect to x.
#[pack::export]
fn derivative(of: Expr) -> Expr {
    match of {
        Number(_) => Number(0.0),
        X => Number(1.0),
        Sum(a, b) => Sum(Box::new(derivative(*a)), Box::new(derivative(*b))),
        Product(a, b) => Sum(
            Box::new(Product(Box::new(derivative(*a.clone())), b.clone())),
            Box::new(Product(a, Box::new(derivative(*b)))),
        ),
    }
}
