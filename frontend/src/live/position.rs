use console_api::{ClientFrame, ServerFrame, Topic};

/// What this tab has seen of the server's events, so that it goes on from there after a loss.
#[derive(Debug, Default)]
pub(super) struct Position {
    run: Option<u64>,
    /// Of the last event or snapshot: whoever has seen a number has seen everything up to it.
    seq: Option<u64>,
    /// Topics whose snapshot has come. The others need one, whatever was missed.
    known: Vec<Topic>,
    resuming: bool,
}

impl Position {
    /// Takes note of a frame; whether events may have been missed before it.
    pub(super) fn see(&mut self, frame: &ServerFrame) -> bool {
        match frame {
            ServerFrame::Resumed => self.resuming = false,
            ServerFrame::Events { seq, .. } => self.seq = Some(*seq),
            ServerFrame::Lagged { .. } => {
                self.seq = None;
                return true;
            }
            ServerFrame::Fleet(window) => {
                return self.snapshot(Topic::Fleet(window.view.clone()), window.seq);
            }
            ServerFrame::Device(device) => {
                return self.snapshot(Topic::Device(device.endpoint.clone()), device.seq);
            }
            _ => {}
        }
        false
    }

    fn snapshot(&mut self, topic: Topic, seq: u64) -> bool {
        self.seq = Some(seq);
        self.leave(&topic);
        self.known.push(topic);
        std::mem::take(&mut self.resuming)
    }

    /// The topic is not kept up to date any more.
    pub(super) fn leave(&mut self, topic: &Topic) {
        self.known.retain(|known| !same_place(known, topic));
    }

    /// What to say after the Hello of a server `run`, and whether events have been missed for certain.
    pub(super) fn greet(&mut self, run: u64, topics: &[Topic]) -> (Vec<ClientFrame>, bool) {
        let again = self.run.is_some();
        let same = self.run.replace(run) == Some(run);
        let (known, new): (Vec<_>, Vec<_>) =
            topics.iter().cloned().partition(|topic| same && self.known.contains(topic));
        self.known.clone_from(&known);
        let mut frames = Vec::new();
        self.resuming = false;
        match self.seq {
            Some(seq) if !known.is_empty() => {
                self.resuming = true;
                frames.push(ClientFrame::Resume { run, seq, topics: known });
            }
            _ => self.seq = None,
        }
        frames.extend(new.into_iter().map(ClientFrame::Subscribe));
        (frames, again && !self.resuming)
    }
}

/// Whether a subscription to one takes the place of the other.
pub(super) fn same_place(one: &Topic, other: &Topic) -> bool {
    match (one, other) {
        (Topic::Fleet(_), Topic::Fleet(_))
        | (Topic::Trace(_), Topic::Trace(_))
        | (Topic::Commands(_), Topic::Commands(_))
        | (Topic::BootstrapSessions(_), Topic::BootstrapSessions(_)) => true,
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use console_api::{DeviceSnapshot, FleetView, FleetWindow};

    use super::*;

    fn device(endpoint: &str, seq: u64) -> ServerFrame {
        ServerFrame::Device(DeviceSnapshot {
            endpoint: endpoint.into(),
            seq,
            client: None,
            notes: String::new(),
            reported: vec![],
            observations: vec![],
            commands: vec![],
        })
    }

    fn fleet(view: FleetView, seq: u64) -> ServerFrame {
        ServerFrame::Fleet(FleetWindow { view, seq, matching: 0, known: 0, clients: vec![] })
    }

    fn events(seq: u64) -> ServerFrame {
        ServerFrame::Events { seq, events: vec![] }
    }

    fn topic(endpoint: &str) -> Topic {
        Topic::Device(endpoint.into())
    }

    #[test]
    fn goes_on_from_the_last_event_and_asks_for_what_is_new() {
        let mut position = Position::default();
        let (frames, missed) = position.greet(7, &[topic("a")]);
        assert_eq!((frames, missed), (vec![ClientFrame::Subscribe(topic("a"))], false));
        assert!(!position.see(&device("a", 10)) && !position.see(&events(12)));
        position.see(&fleet(FleetView::default(), 15));
        // Subscribed to while the connection was away.
        let topics = [topic("a"), topic("b")];
        let (frames, missed) = position.greet(7, &topics);
        let resume = ClientFrame::Resume { run: 7, seq: 15, topics: vec![topic("a")] };
        assert_eq!((frames, missed), (vec![resume, ClientFrame::Subscribe(topic("b"))], false));
        assert!(!position.see(&ServerFrame::Resumed) && !position.see(&device("b", 13)));
    }

    #[test]
    fn a_snapshot_instead_of_resumed_means_that_events_were_missed() {
        let mut position = Position::default();
        position.greet(7, &[topic("a")]);
        position.see(&device("a", 10));
        position.greet(7, &[topic("a")]);
        assert!(position.see(&device("a", 500)));
        let (frames, _) = position.greet(7, &[topic("a")]);
        assert_eq!(frames, [ClientFrame::Resume { run: 7, seq: 500, topics: vec![topic("a")] }]);
    }

    #[test]
    fn another_start_of_the_server_is_another_story() {
        let mut position = Position::default();
        position.greet(7, &[topic("a")]);
        position.see(&device("a", 10));
        let (frames, missed) = position.greet(8, &[topic("a")]);
        assert_eq!((frames, missed), (vec![ClientFrame::Subscribe(topic("a"))], true));
    }

    #[test]
    fn what_was_left_or_lost_begins_anew() {
        let mut position = Position::default();
        position.greet(7, &[topic("a")]);
        position.see(&device("a", 10));
        position.leave(&topic("a"));
        let (frames, _) = position.greet(7, &[topic("a")]);
        assert_eq!(frames, [ClientFrame::Subscribe(topic("a"))]);
        position.see(&device("a", 20));
        assert!(position.see(&ServerFrame::Lagged { missed: 3 }));
        position.see(&device("a", 30));
        let (frames, _) = position.greet(7, &[topic("a")]);
        assert_eq!(frames, [ClientFrame::Resume { run: 7, seq: 30, topics: vec![topic("a")] }]);
    }
}
