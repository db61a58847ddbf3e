//! One mistake in the WIT is one error, although there is no code for it: what is exported, and types that are only
//! named, have none. What goes into such types would have (`point.x`), as would calls of imported functions: what those
//! are made of, a text that is wrong does not say.
#![allow(dead_code)]

pack::world!({ inline: "
    package demo:broken@1.0.0;
    interface shapes {
        record point { x: u32 }
        resource canvas { draw: func(at: point); }
        area: func(p: pont) -> f64;
    }
    world broken {
        use shapes.{point as spot};
        export shapes;
        export tools: interface { use-it: func(); }
        export greet: func(name: string) -> string;
    }
" });

use demo::broken::shapes::{Canvas, Point};
use exports::demo::broken::Shapes;

struct Package;
struct Painter;

#[pack::export]
impl Shapes for Package {
    fn area(p: Point) -> f64 {
        p.x.into()
    }
}

#[pack::export]
impl exports::demo::broken::shapes::CanvasResource for Painter {
    fn draw(&self, at: Point) {
        drop(at);
    }
}

#[pack::export]
fn greet(name: String) -> String {
    name
}

#[pack::export(exports::tools)]
fn use_it() {}

fn helper(spots: Vec<Spot>, canvas: Canvas) -> (usize, Canvas) {
    (spots.len(), canvas)
}

fn main() {}
