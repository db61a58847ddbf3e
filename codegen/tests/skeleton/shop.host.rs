/// What the package may ask of this program.
pub struct Host;
impl imports::Till for Host {
    type Drawer = ();

    #[expect(unused_variables, reason = "until it is written")]
    fn drawer_open(&mut self, self_: &mut Self::Drawer) {
        todo!("write `drawer_open`")
    }

    #[expect(unused_variables, reason = "until it is written")]
    fn pay(&mut self, amount: f64) -> bool {
        todo!("write `pay`")
    }
}

impl imports::Shop for Host {
    fn name(&mut self) -> String {
        todo!("write `name`")
    }
}

impl imports::demo::shop::Clock for Host {
    fn now(&mut self) -> u64 {
        todo!("write `now`")
    }
}
