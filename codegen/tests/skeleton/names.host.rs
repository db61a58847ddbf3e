/// What the package may ask of this program.
pub struct HostImpl;
impl imports::Log for HostImpl {
    #[expect(unused_variables, reason = "until it is written")]
    fn write(&mut self, line: String) -> std::option::Option<String> {
        todo!("write `write`")
    }
}

impl imports::Error for HostImpl {
    #[expect(unused_variables, reason = "until it is written")]
    fn r#loop(&mut self, host: Host) {
        todo!("write `loop`")
    }
}
