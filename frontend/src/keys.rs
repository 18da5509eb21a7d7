//! What a key press means. No event types of the browser here, so that it can be tested.

/// How long `g` waits for its second key.
const SEQUENCE_MS: f64 = 1500.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    FocusSearch,
    OpenFleet,
    Read,
    Write,
    Execute,
    Observe,
    Help,
    Close,
}

/// A key press and where it happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Press<'a> {
    pub(crate) key: &'a str,
    /// Ctrl or Command is held.
    pub(crate) control: bool,
    pub(crate) alt: bool,
    /// The focus is in something that takes text.
    pub(crate) typing: bool,
    /// A modal dialog is open; it has the keys to itself.
    pub(crate) dialog: bool,
    pub(crate) at_ms: f64,
}

/// Remembers the first key of a sequence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keys {
    leader_at_ms: Option<f64>,
}

impl Keys {
    pub(crate) fn press(&mut self, press: Press<'_>) -> Option<Command> {
        let led = self.leader_at_ms.take().is_some_and(|at| press.at_ms - at <= SEQUENCE_MS);
        if press.dialog || press.alt {
            return None;
        }
        if press.control {
            return matches!(press.key, "k" | "K").then_some(Command::FocusSearch);
        }
        if press.key == "Escape" {
            return Some(Command::Close);
        }
        if press.typing {
            return None;
        }
        if led {
            return (press.key == "f").then_some(Command::OpenFleet);
        }
        match press.key {
            "g" => {
                self.leader_at_ms = Some(press.at_ms);
                None
            }
            "/" => Some(Command::FocusSearch),
            "r" => Some(Command::Read),
            "w" => Some(Command::Write),
            "e" => Some(Command::Execute),
            "o" => Some(Command::Observe),
            "?" => Some(Command::Help),
            _ => None,
        }
    }
}

/// The keys as the help dialog lists them.
pub(crate) const HELP: [(&str, &str); 16] = [
    ("/", "Search or filter"),
    ("g f", "Fleet"),
    ("↑ ↓", "Move in the tree or the table"),
    ("← →", "Collapse, expand"),
    ("Enter", "Open, select"),
    ("r", "Read"),
    ("w", "Write"),
    ("e", "Execute"),
    ("o", "Observe, or cancel the observation"),
    ("d a", "Discover, attributes (in the tree)"),
    ("c Del", "New instance, delete (in the tree)"),
    ("Space", "Select for composite operations (in the tree)"),
    ("p", "Keep on the chart (in the tree)"),
    ("m", "Everything else (in the tree)"),
    ("?", "This list"),
    ("Esc", "Close, leave the field"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str) -> Press<'_> {
        Press { key, control: false, alt: false, typing: false, dialog: false, at_ms: 0.0 }
    }

    #[test]
    fn single_keys() {
        let mut keys = Keys::default();
        assert_eq!(keys.press(press("r")), Some(Command::Read));
        assert_eq!(keys.press(press("/")), Some(Command::FocusSearch));
        assert_eq!(keys.press(Press { control: true, ..press("k") }), Some(Command::FocusSearch));
        assert_eq!(keys.press(Press { control: true, ..press("r") }), None, "reload belongs to the browser");
        assert_eq!(keys.press(Press { alt: true, ..press("r") }), None);
    }

    #[test]
    fn typing_keeps_its_letters_but_escape_leaves() {
        let mut keys = Keys::default();
        assert_eq!(keys.press(Press { typing: true, ..press("r") }), None);
        assert_eq!(keys.press(Press { typing: true, ..press("Escape") }), Some(Command::Close));
        assert_eq!(keys.press(Press { dialog: true, ..press("Escape") }), None, "the dialog closes itself");
    }

    #[test]
    fn a_sequence_expires() {
        let mut keys = Keys::default();
        assert_eq!(keys.press(press("g")), None);
        assert_eq!(keys.press(Press { at_ms: 400.0, ..press("f") }), Some(Command::OpenFleet));
        assert_eq!(keys.press(press("f")), None);
        keys.press(press("g"));
        assert_eq!(keys.press(Press { at_ms: 9000.0, ..press("f") }), None);
        keys.press(press("g"));
        assert_eq!(keys.press(press("r")), None, "not a Read");
        assert_eq!(keys.press(press("r")), Some(Command::Read));
    }
}
