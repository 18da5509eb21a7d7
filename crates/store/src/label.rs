/// What operators call a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    pub name: Option<String>,
    pub tags: Vec<String>,
    pub notes: String,
}
