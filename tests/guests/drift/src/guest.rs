use std::collections::BTreeMap;

use exports::test::drift::jobs::JobResource;
use exports::test::drift::{Api, Jobs};
use test::drift::jobs::Job;
use test::drift::log;
use test::drift::store::{self, Cell};
use test::drift::types::{Access, Level, Point, Shape, Tree, User};

struct Guest;

#[pack::export]
impl Api for Guest {
    fn set_level(level: Level) -> Level {
        log::write(level, "set");
        level
    }

    fn allow(access: Access) -> Access {
        access
    }

    fn move_to(point: Point, by: f32) -> Point {
        Point {
            x: point.x + f64::from(by),
            y: point.y,
        }
    }

    fn greet(user: User) -> Result<String, String> {
        let cell = Cell::new(user.age);
        let other = Cell::new(0);
        store::swap(&cell, &other);
        other.set(other.get() + log::lines());
        match user.nick {
            Some(nick) => Ok(nick),
            None => Err(user.name),
        }
    }

    fn area(shape: Shape) -> f64 {
        match shape {
            Shape::Circle(radius) => radius,
            Shape::Polygon(points) => points.iter().map(|point| point.x).sum(),
            Shape::Nothing => 0.0,
        }
    }

    fn total(tree: Tree) -> u64 {
        let children: u64 = tree.children.into_iter().map(Self::total).sum();
        u64::from(tree.leaf.value) + children
    }

    fn look_up(id: u64, keys: Vec<String>) -> Option<User> {
        let name = keys.into_iter().next()?;
        let age = u32::try_from(id).ok()?;
        Some(User {
            name,
            age,
            nick: None,
        })
    }

    fn pair(pair: (u8, String)) -> BTreeMap<String, u32> {
        BTreeMap::from([(pair.1, u32::from(pair.0))])
    }

    fn fixed(bytes: [u8; 4]) -> [u8; 4] {
        bytes
    }

    fn reset() {}

    fn count() -> u32 {
        7
    }
}

struct Named(String);

#[pack::export]
impl JobResource for Named {
    fn new(name: String) -> Self {
        Self(name)
    }

    fn name(&self) -> String {
        self.0.clone()
    }
}

#[pack::export]
impl Jobs for Guest {
    fn finish(job: Job) -> u32 {
        job.get::<Named>().map_or(0, |job| u32::try_from(job.0.len()).unwrap_or(0))
    }
}

#[pack::export]
fn ping(text: String) -> String {
    text
}
