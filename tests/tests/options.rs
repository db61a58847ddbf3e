//! What the options make of a host's side, with a package that knows nothing of them. For the guest's side see
//! `macros/tests/options.rs`.

use std::rc::Rc;

use own::{Point, Tree};

/// As in the WIT, but with shared parts, and not comparable.
mod own {
    use std::rc::Rc;

    use pack_runtime::{GraphValue, PackType};

    #[derive(Debug, Clone, GraphValue, PackType)]
    #[pack(recursive)]
    pub struct Tree {
        pub(crate) value: u32,
        pub(crate) children: Vec<Rc<Tree>>,
    }

    #[derive(Debug, Clone, PartialEq, GraphValue, PackType)]
    pub struct Point {
        pub(crate) x: f64,
        pub(crate) y: f64,
        pub(crate) z: f64,
    }
}

pack_runtime::bindgen!({
    path: "wit/shapes.wit",
    with: { "tree": self::own::Tree, "test:shapes/types/point": crate::own::Point },
    ownership: "owned",
    derives: { "*": [PartialEq], "color": [PartialOrd] },
    debug: true,
});

use test::shapes::types::{Json, Mixed};

struct Host;

impl imports::test::shapes::Host for Host {
    fn no_result(&mut self, _: String) {}

    fn sum(&mut self, values: Vec<u32>) -> u64 {
        values.into_iter().map(u64::from).sum()
    }

    fn flat(&mut self, _: Point, color: test::shapes::types::Color) -> test::shapes::types::Color {
        color
    }

    fn nested(&mut self, value: Json, _: Option<test::shapes::types::Person>) -> Json {
        value
    }

    fn repeat(&mut self, text: String, times: u32) -> String {
        text.repeat(usize::try_from(times).unwrap())
    }
}

impl imports::Shapes for Host {
    fn world_level(&mut self, value: u32) -> u32 {
        value
    }
}

#[test]
fn own_types_and_owned_arguments_go_there_and_back() {
    let package = pack_tests::load("shapes");
    let mut shapes = Shapes::instantiate(&package, Host).unwrap();
    let mut echo = shapes.echo();

    let leaf = Rc::new(Tree {
        value: 1,
        children: Vec::new(),
    });
    let tree = Tree {
        value: 2,
        children: vec![leaf.clone(), leaf],
    };
    let back = echo.one_tree(tree).unwrap();
    let values: Vec<u32> = back.children.iter().map(|child| child.value).collect();
    assert_eq!((back.value, values), (2, vec![1, 1]));

    let point = Point {
        x: 1.0,
        y: 2.0,
        z: 3.0,
    };
    let mixed = Mixed {
        flag: true,
        small: 1,
        letter: 'a',
        inner: point.clone(),
    };
    assert_eq!(echo.one_mixed(mixed.clone()).unwrap(), mixed);
    assert_eq!(echo.points(vec![point.clone()]).unwrap(), vec![point]);
    assert_eq!(echo.text("text".to_owned()).unwrap(), "text");
    assert_eq!(echo.blob(vec![1, 2]).unwrap(), vec![1, 2]);
    assert_eq!(echo.texts(vec!["a".to_owned()]).unwrap(), ["a"]);
    let json = Json::Array(vec![Json::Null]);
    assert_eq!(shapes.callback().nested(json.clone(), None).unwrap(), json);
    assert_eq!(shapes.greet("you".to_owned()).unwrap(), "Hello, you!");
}
