/// Panics because of what is wrong with a message: with a literal alone, if nothing is to be put together.
macro_rules! refuse {
    ($what:literal, $error:expr) => {{
        #[allow(
            clippy::panic,
            reason = "the host gets the message, as it does for the guest's own panics"
        )]
        if cfg!(feature = "short-panics") {
            panic!($what)
        } else {
            panic!(concat!($what, ": {}"), $error)
        }
    }};
}

pub(crate) use refuse;
