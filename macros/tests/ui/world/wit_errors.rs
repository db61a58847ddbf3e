pack::world!({ inline: "
    package demo:wrong;
    interface types {
        record endless { next: endless }
        record also { next: also }
    }
    world wrong {
        import types;
        export later: func(data: stream<u8>);
    }
" });

fn main() {}
