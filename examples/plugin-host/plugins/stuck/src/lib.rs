//! A plugin that never answers when it is asked to `wait`, and that takes all memory for `hoard`.

pack::world!("../../wit");

#[pack::export]
fn change(line: String) -> Result<String, String> {
    match line.as_str() {
        "wait" => loop {
            std::hint::spin_loop();
        },
        "hoard" => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 1 << 20]);
            }
        }
        _ => Ok(line),
    }
}
