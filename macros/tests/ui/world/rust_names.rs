mod one {
    pack::world!({ inline: "
    package demo:names;
    world names {
        record twins { a-b: u8, a-B: u8 }
        enum cases { http-error, HTTP-error }
        export both: func(a-b: u8, a-B: u8);
        flags access { read, write }
    }
" });
}

mod two {
    pack::world!({ inline: "
    package demo:names;
    world names {
        export many: func() -> tuple<u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8>;
    }
" });
}

fn main() {}
