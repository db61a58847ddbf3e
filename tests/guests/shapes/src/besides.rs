// What guests of this world do besides sending shapes back.

#[pack::export]
impl Callback for Guest {
    fn no_result(text: String) {
        host::no_result(&text);
    }

    fn sum(values: Vec<u32>) -> u64 {
        host::sum(&values)
    }

    fn flat(point: Point, color: Color) -> Color {
        host::flat(point, color)
    }

    fn nested(value: Json, person: Option<Person>) -> Json {
        host::nested(&value, person.as_ref())
    }

    fn repeat(text: String, times: u32) -> String {
        host::repeat(&text, times)
    }

    fn paint(points: Vec<Point>, colors: Vec<Color>, shown: Vec<bool>) -> Vec<Color> {
        host::paint(&points, &colors, &shown)
    }
}

#[pack::export]
impl Trouble for Guest {
    fn panic(message: String) {
        panic!("{message}");
    }

    fn index_out_of_bounds(at: u32) -> u32 {
        let numbers = [1, 2, 3];
        numbers[at as usize]
    }

    fn overflow_stack(depth: u32) -> u32 {
        let room = core::hint::black_box([depth; 256]);
        if depth == 0 {
            0
        } else {
            Self::overflow_stack(depth - 1) + room[3]
        }
    }

    fn fail() -> Result<u32, String> {
        Err("as asked".into())
    }

    fn deep(depth: u32) -> Vec<u8> {
        let mut value = Json::Null;
        for _ in 0..depth {
            value = Json::Array(alloc::vec![value]);
        }
        let returned = host::nested(&value, None);
        alloc::vec![u8::from(returned == value)]
    }
}

#[pack::export]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

#[pack::export]
fn greet(name: String) -> String {
    alloc::format!("Hello, {name}!")
}

#[pack::export]
fn through_world_level(value: u32) -> u32 {
    world_level(value)
}
