use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use coap::Usage;
use console_api::CommandQuery;
use lwm2m_core::server::{Command, CommandId, CommandState, Operation};

use super::{limits, told};

/// Bytes that a command takes besides its payloads.
const COMMAND_BYTES: usize = 256;

/// All commands that are not over, and the newest that are.
#[derive(Debug, Default)]
pub(crate) struct List {
    by_id: BTreeMap<CommandId, Arc<Command>>,
    by_client: BTreeMap<String, OfClient>,
    /// Those that are over, in the order in which they go when there are too many.
    over: BTreeSet<CommandId>,
    over_bytes: usize,
    /// How many have gone so.
    gone: u64,
}

#[derive(Debug, Default)]
struct OfClient {
    open: BTreeSet<CommandId>,
    over: BTreeSet<CommandId>,
}

impl List {
    /// Takes a command in that was accepted, or has reached another state.
    pub(crate) fn put(&mut self, command: &Arc<Command>) {
        let id = command.id;
        let before = self.by_id.insert(id, Arc::clone(command));
        if before.is_some_and(|before| before.state.is_over()) {
            return; // nothing changes any more
        }
        let of_client = self.by_client.entry(command.endpoint.clone()).or_default();
        if !command.state.is_over() {
            of_client.open.insert(id);
            return;
        }
        of_client.open.remove(&id);
        of_client.over.insert(id);
        let one_too_many = of_client.over.len() > console_api::Command::<()>::OVER_PER_CLIENT;
        let oldest = one_too_many.then(|| of_client.over.first().copied()).flatten();
        self.over.insert(id);
        self.over_bytes += bytes(command);
        if let Some(oldest) = oldest {
            self.remove(oldest);
        }
        while (self.over.len() > limits::OVER || self.over_bytes > limits::OVER_BYTES)
            && let Some(oldest) = self.over.first().copied()
        {
            self.gone += 1;
            self.remove(oldest);
        }
    }

    /// Nothing is known of a client any more.
    pub(crate) fn forget(&mut self, endpoint: &str) {
        let OfClient { open, over } = self.by_client.remove(endpoint).unwrap_or_default();
        for id in open.into_iter().chain(over) {
            self.remove(id);
        }
    }

    pub(crate) fn one(&self, id: u64) -> Option<&Arc<Command>> {
        self.by_id.get(&CommandId(id))
    }

    /// Those of a client, oldest first.
    pub(crate) fn of_client(&self, endpoint: &str) -> impl Iterator<Item = &Arc<Command>> {
        let ids: BTreeSet<CommandId> = self.by_client.get(endpoint).map_or_else(BTreeSet::new, |of_client| {
            of_client.over.iter().chain(&of_client.open).copied().collect()
        });
        ids.into_iter().filter_map(|id| self.by_id.get(&id))
    }

    /// All, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Arc<Command>> {
        self.by_id.values().rev()
    }

    /// Commands of a client that wait to be sent.
    pub(crate) fn queued(&self, endpoint: &str) -> u32 {
        let open = self.by_client.get(endpoint).into_iter().flat_map(|of_client| &of_client.open);
        let queued = open.filter_map(|id| self.by_id.get(id)).filter(|one| one.state == CommandState::Queued);
        u32::try_from(queued.count()).unwrap_or(u32::MAX)
    }

    /// Commands of all clients that are not over.
    pub(crate) fn open(&self) -> usize {
        self.by_id.len() - self.over.len()
    }

    pub(crate) fn usage(&self) -> Usage {
        Usage { used: self.over.len(), limit: limits::OVER, reached: self.gone }
    }

    fn remove(&mut self, id: CommandId) {
        let Some(command) = self.by_id.remove(&id) else { return };
        if self.over.remove(&id) {
            self.over_bytes -= bytes(&command);
        }
        if let Some(of_client) = self.by_client.get_mut(&command.endpoint) {
            of_client.open.remove(&id);
            of_client.over.remove(&id);
            if of_client.open.is_empty() && of_client.over.is_empty() {
                self.by_client.remove(&command.endpoint);
            }
        }
    }
}

fn bytes(command: &Command) -> usize {
    let asked = match &command.operation {
        Operation::Write { payload, .. }
        | Operation::Create { payload, .. }
        | Operation::WriteComposite { payload, .. } => payload.len(),
        _ => 0,
    };
    let answered = match &command.state {
        CommandState::Answered(answer) => answer.payload.len(),
        _ => 0,
    };
    COMMAND_BYTES + asked + answered
}

/// A [`CommandQuery`], ready to be asked of many commands.
pub(crate) struct Filter<'a> {
    query: &'a CommandQuery,
    words: Vec<String>,
}

impl<'a> Filter<'a> {
    pub(crate) fn new(query: &'a CommandQuery) -> Self {
        Self { query, words: query.text.to_lowercase().split_whitespace().map(str::to_owned).collect() }
    }

    pub(crate) fn matches(&self, command: &Command) -> bool {
        self.query.endpoint.as_ref().is_none_or(|endpoint| *endpoint == command.endpoint)
            && self.query.state.is_none_or(|state| state == told::to_state(&command.state))
            && self.has_words(command)
    }

    fn has_words(&self, command: &Command) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let (operation, path, paths) = told::about(&command.operation);
        let told = [told::operation_word(operation), path, paths.join(" "), command.author.clone()];
        let text = format!("{} {}", command.endpoint, told.join(" ")).to_lowercase();
        self.words.iter().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use coap::Instant;
    use console_api::CommandState as State;
    use lwm2m_codec::Path;

    use super::*;

    fn command(id: u64, endpoint: &str, state: CommandState) -> Arc<Command> {
        Arc::new(Command {
            id: CommandId(id),
            endpoint: endpoint.to_owned(),
            operation: Operation::Read { path: Path::resource(3, 0, 9), accept: None },
            author: "127.0.0.1, REST".to_owned(),
            force: false,
            created_at: Instant::from_millis(1),
            deadline: Instant::from_millis(2),
            timeout: Duration::from_secs(1),
            attempts: 0,
            state,
            changed_at: Instant::from_millis(1),
        })
    }

    fn ids<'a>(commands: impl Iterator<Item = &'a Arc<Command>>) -> Vec<u64> {
        commands.map(|command| command.id.0).collect()
    }

    #[test]
    fn a_command_goes_from_those_that_wait_to_those_that_are_over() {
        let mut list = List::default();
        for (id, state) in [(1, CommandState::Queued), (2, CommandState::Queued), (1, CommandState::Sent)] {
            list.put(&command(id, "a", state));
        }
        assert_eq!((list.queued("a"), list.open(), list.usage().used), (1, 2, 0));
        list.put(&command(1, "a", CommandState::Expired));
        list.put(&command(3, "b", CommandState::Cancelled));
        assert_eq!((list.queued("a"), list.open(), list.usage().used), (1, 1, 2));
        assert_eq!(ids(list.of_client("a")), [1, 2]);
        assert_eq!(ids(list.newest_first()), [3, 2, 1]);
        list.forget("a");
        assert_eq!(ids(list.newest_first()), [3]);
        assert_eq!((list.queued("a"), list.open(), list.by_client.len()), (0, 0, 1));
    }

    #[test]
    fn what_is_over_is_bounded_for_each_client_and_what_waits_stays() {
        const PER_CLIENT: u64 = console_api::Command::<()>::OVER_PER_CLIENT as u64;
        let mut list = List::default();
        list.put(&command(0, "a", CommandState::Queued));
        for id in 1..=PER_CLIENT + 2 {
            list.put(&command(id, "a", CommandState::Expired));
        }
        assert_eq!(list.usage().used as u64, PER_CLIENT);
        assert_eq!(ids(list.of_client("a"))[..2], [0, 3]);
        assert_eq!(list.usage().reached, 0, "other clients have room");
    }

    #[test]
    fn of_all_that_are_over_the_oldest_go() {
        let mut list = List::default();
        for id in 0..limits::OVER as u64 + 5 {
            list.put(&command(id, &format!("{}", id / 50), CommandState::Expired));
        }
        assert_eq!((list.usage().used, list.usage().reached), (limits::OVER, 5));
        assert_eq!(ids(list.of_client("0"))[0], 5);
    }

    #[test]
    fn queries_ask_for_client_state_and_words() {
        let commands = [command(1, "lamp", CommandState::Queued), command(2, "Meter", CommandState::Expired)];
        let found = |endpoint: Option<&str>, state, text: &str| {
            let query = CommandQuery { endpoint: endpoint.map(str::to_owned), state, text: text.to_owned() };
            ids(commands.iter().filter(|command| Filter::new(&query).matches(command)))
        };
        assert_eq!(found(None, None, ""), [1, 2]);
        assert_eq!(found(Some("lamp"), None, ""), [1]);
        assert_eq!(found(None, Some(State::Expired), ""), [2]);
        assert_eq!(found(None, None, "READ meter"), [2]);
        assert_eq!(found(None, None, "/3/0/9 rest"), [1, 2]);
        assert_eq!(found(None, None, "write"), [0; 0]);
    }
}
