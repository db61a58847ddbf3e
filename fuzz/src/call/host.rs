//! The host of `wit/guest.wit`.

use std::collections::BTreeMap;
use std::sync::Arc;

pack_runtime::bindgen!("wit/guest.wit");

pub(super) use self::fuzz::guest::guest::Counter;
pub(super) use self::fuzz::guest::host::File;
use self::fuzz::guest::host::Token;
use self::fuzz::guest::types::Access;
pub(super) use self::fuzz::guest::types::{Color, Json, Point};
use pack_runtime::Borrow;

/// What `outcome` of the guest returns.
pub(super) type Outcome = Result<BTreeMap<u8, String>, Color>;

/// Counts the files that there are by its references.
#[derive(Debug, Default)]
pub(super) struct Host {
    files: Arc<()>,
    kept: Vec<Borrow<File>>,
}

impl Host {
    pub(super) fn new(files: &Arc<()>) -> Self {
        Self {
            files: Arc::clone(files),
            kept: Vec::new(),
        }
    }

    pub(super) fn file(&self) -> OpenFile {
        OpenFile(Arc::clone(&self.files), String::new())
    }
}

pub(super) struct OpenFile(
    #[allow(dead_code, reason = "it is counted")] Arc<()>,
    String,
);

pub(super) struct OpenToken;

impl imports::fuzz::guest::Host for Host {
    type File = OpenFile;

    fn new_file(&mut self, name: String) -> OpenFile {
        OpenFile(Arc::clone(&self.files), name)
    }

    fn file_read(&mut self, file: &mut OpenFile, at: u64) -> Vec<u8> {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        file.1.as_bytes().get(start..).unwrap_or_default().to_vec()
    }

    fn file_same(&mut self, first: File, second: Borrow<File>) -> Result<File, String> {
        let name = |file: &mut OpenFile| file.1.clone();
        let one = first.with(name).map_err(|error| error.to_string())?;
        let other = second.with(name).map_err(|error| error.to_string())?;
        if one == other { Ok(first) } else { Err(other) }
    }

    fn listen(&mut self, text: String, numbers: Vec<u32>) {
        assert!(text.len() + numbers.len() * 4 <= super::LIMITS.memory * 2);
    }

    fn change(&mut self, value: Json) -> Json {
        Json::Array(vec![value, Json::Text("x".repeat(100))])
    }

    fn paint(&mut self, color: Color, access: Access, point: Point, letter: char) -> Option<Point> {
        let is_painted = matches!(color, Color::Red) && access.contains(Access::WRITE);
        (is_painted && letter.is_ascii()).then_some(point)
    }

    fn count(&mut self, names: BTreeMap<u8, String>) -> u64 {
        names
            .values()
            .map(|name| u64::try_from(name.len()).unwrap())
            .sum()
    }

    fn give(&mut self, mut files: Vec<File>, _: Option<Token>) -> Vec<File> {
        files.push(File::new(self.file()));
        files
    }

    fn lend(&mut self, files: Vec<Borrow<File>>, token: Borrow<Token>) -> f32 {
        let is_token = token.with(|_: &mut OpenToken| ()).is_ok();
        // Kept after the call, when it means nothing any more.
        self.kept = files;
        if is_token { 1.0 } else { f32::NAN }
    }

    fn new_token(&mut self) -> Token {
        Token::new(OpenToken)
    }
}
