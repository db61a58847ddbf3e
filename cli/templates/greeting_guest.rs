#[pack::export]
fn greet(name: String) -> String {
    format!("Hello, {name}!")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Natively, exports are functions like any other.
    #[test]
    fn it_greets_by_name() {
        assert_eq!(greet("you".to_owned()), "Hello, you!");
    }
}
