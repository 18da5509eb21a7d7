//! Another process commits and says what was stored, until it is killed. Whatever it said is there. And when its disk
//! is full, it says nothing until there is room again.

use core::time::Duration;
use std::{
    env,
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::Path,
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
    sync::Arc,
};

use coap::{Instant, Token};
use libtest_mimic::{Arguments, Trial};
use lwm2m_codec::{ContentFormat, Path as NodePath, attributes::NotificationAttributes};
use lwm2m_core::server::{
    ActiveObservation, Change, Command as Asked, CommandId, CommandState, ObservationTarget, Operation,
    Outcome, RegistrationId, Reported, Source, WantedObservation,
};
use store::{
    KeptBootstrap, KeptStep, SecurityChange, Store, Stored,
    sqlite::{OpenError, Sqlite},
};

/// What the other process is started with, in place of names of tests.
const COMMITTING: &str = "--committing-in";

/// How often it is killed.
const KILLS: u64 = 12;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    if let [_, flag, directory] = arguments.as_slice()
        && flag == COMMITTING
    {
        return commit_for_ever(Path::new(directory));
    }
    let test = |name, run: fn()| {
        Trial::test(name, move || {
            run();
            Ok(())
        })
    };
    let tests = vec![
        test("what_was_stored_survives_a_kill", survive_kills),
        test("a_full_disk_stores_nothing_until_there_is_room", fill_the_disk),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn survive_kills() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut stored = 0;
    for kill in 0..KILLS {
        let mut process = Process::start(Command::new(own_program()), directory.path());
        // Early and late, in the middle of whatever it does.
        let until = stored + 1 + kill * 37 % 200;
        while stored < until {
            stored = process.stored();
        }
        process.child.kill().expect("running");
        // What it had said before counts, also if nobody had listened yet.
        stored = process.rest().last().copied().unwrap_or(stored);
        process.child.wait().expect("killed");
        let store = open(directory.path()).expect("usable after a crash");
        assert_all_there(&store, stored);
    }
}

fn fill_the_disk() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut limited = Command::new("bash");
    // No file may become larger, and who tries is told so instead of killed.
    limited.args(["-c", "trap '' XFSZ; ulimit -S -f 1024; exec \"$0\" \"$@\""]).arg(own_program());
    let mut process = Process::start(limited, directory.path());
    let mut stored = 0;
    let why = loop {
        match process.said() {
            Said::Stored(round) => stored = round,
            Said::Failed(why) => break why,
        }
    };
    assert!(why.contains("storage fails"), "{why}");
    let id = process.child.id().to_string();
    let more = Command::new("prlimit").args(["--pid", &id, "--fsize=unlimited"]).status();
    assert!(more.expect("util-linux").success());
    while process.stored() < stored + 100 {}
    process.child.kill().expect("running");
    stored = process.rest().last().copied().unwrap_or(stored);
    process.child.wait().expect("killed");
    assert_all_there(&open(directory.path()).expect("usable"), stored);
}

/// Every round up to `stored`, whole.
fn assert_all_there(store: &Sqlite, stored: u64) {
    let commands = store.commands().expect("readable");
    let last = commands.last().map_or(0, |command| command.id.0);
    assert!(last >= stored, "round {stored} was stored, the last one there is {last}");
    assert_eq!(store.last_command().expect("readable"), Some(CommandId(last)));
    let ids: Vec<u64> = commands.iter().map(|command| command.id.0).collect();
    assert_eq!(ids, (1..=last).collect::<Vec<_>>());
    let mut tokens: Vec<Token> = (1..=last).map(token).collect();
    tokens.sort_unstable();
    let active = store.active_observations().expect("readable");
    assert_eq!(active.iter().map(|active| active.token).collect::<Vec<_>>(), tokens);
    assert_sessions_are_whole(store, stored);
    let latest = store.latest("lamp").expect("readable");
    let latest = latest.first().map_or("0", |reported| str::from_utf8(&reported.payload).expect("text"));
    assert!(latest.parse::<u64>().expect("a number") >= stored, "{latest} came last, {stored} was stored");
}

/// Every bootstrap session has the credential that was made for it, and its step.
fn assert_sessions_are_whole(store: &Sqlite, stored: u64) {
    let sessions = store.bootstraps().expect("readable");
    let last = sessions.last().map_or(0, |session| session.id);
    assert!(last >= stored, "session {stored} was stored, the last one there is {last}");
    let made: Vec<_> =
        store.credentials().expect("readable").iter().map(|kept| kept.credential.made_in).collect();
    assert_eq!(made, (1..=last).map(Some).collect::<Vec<_>>());
    for id in 1..=last {
        assert_eq!(store.bootstrap_steps(id).expect("readable").len(), 1, "session {id}");
    }
}

/// Stores a round after the other and says so. One that fails is tried again.
fn commit_for_ever(directory: &Path) -> ExitCode {
    let mut store = open(directory).expect("usable");
    // The last one may be half there.
    let mut round = store.last_bootstrap().expect("readable") + 1;
    let mut out = std::io::stdout();
    loop {
        let mut outcomes = store.commit(&changes(round));
        outcomes.push(store.secure(&session(round), &[]));
        let failed = outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Failed(why) => Some(why),
            _ => None,
        });
        let said = match failed {
            Some(why) => writeln!(out, "failed {why}"),
            None => writeln!(out, "stored {round}"),
        };
        if said.and_then(|()| out.flush()).is_err() {
            return ExitCode::SUCCESS;
        }
        round += u64::from(failed.is_none());
        let _ = store.tend(Instant::from_millis(round), round.is_multiple_of(50));
    }
}

/// A command and an observation that are new, and a payload in place of the one before.
fn changes(round: u64) -> [Change; 3] {
    let path = NodePath::resource(3303, 0, 5700);
    let at = Instant::from_millis(round);
    let command = Asked {
        id: CommandId(round),
        endpoint: "lamp".into(),
        operation: Operation::Read { path, accept: None },
        author: "test".into(),
        force: false,
        created_at: at,
        deadline: at,
        timeout: Duration::from_secs(1),
        attempts: 0,
        state: CommandState::Queued,
        changed_at: at,
    };
    let target = ObservationTarget::Path(path);
    let asked = WantedObservation {
        target,
        content_format: None,
        accept: None,
        parameters: None,
        attributes: NotificationAttributes::default(),
    };
    let registration = RegistrationId::new([0; 10]);
    let active = ActiveObservation { token: token(round), registration, asked, since: at };
    let reported = Reported {
        endpoint: "lamp".into(),
        path,
        source: Source::Notify,
        content_format: Some(ContentFormat::TEXT),
        payload: round.to_string().into_bytes(),
        at,
        sequence: None,
        confirmable: true,
        delivery: None,
        current: true,
    };
    [
        Change::Command(Arc::new(command)),
        Change::ObservationActive(active),
        Change::Reported(Arc::new(reported)),
    ]
}

/// A bootstrap session with its credential and its first step.
fn session(round: u64) -> [SecurityChange; 3] {
    let endpoint = format!("e{round}");
    let credential = credentials::Credential {
        id: store::CredentialId(round),
        endpoint: endpoint.clone(),
        server: credentials::Server::DeviceManagement,
        version: 1,
        proof: credentials::Proof::Certificate(None),
        note: String::new(),
        created_at_ms: round,
        author: "test".into(),
        retire_at_ms: None,
        revoked_at_ms: None,
        last_used_at_ms: None,
        made_in: Some(round),
    };
    let begun_at = Instant::from_millis(round);
    [
        SecurityChange::Bootstrap(Box::new(KeptBootstrap {
            id: round,
            endpoint,
            begun_at,
            is_over: false,
            content: b"{}".to_vec(),
        })),
        SecurityChange::Credential(Box::new(Stored { credential, sealed: None })),
        SecurityChange::BootstrapStep(KeptStep { session: round, number: 0, content: b"{}".to_vec() }),
    ]
}

fn token(round: u64) -> Token {
    Token::new(&round.to_be_bytes()).expect("short enough")
}

fn open(directory: &Path) -> Result<Sqlite, OpenError> {
    Sqlite::open(directory, Arc::new(|_| Vec::new()), Instant::default())
}

fn own_program() -> std::path::PathBuf {
    env::current_exe().expect("it runs")
}

enum Said {
    Stored(u64),
    Failed(String),
}

/// The other process.
struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(mut command: Command, directory: &Path) -> Self {
        let command = command.arg(COMMITTING).arg(directory).stdout(Stdio::piped()).stdin(Stdio::null());
        let mut child = command.spawn().expect("it can be started");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, lines }
    }

    fn said(&mut self) -> Said {
        let line = self.lines.next().expect("it goes on").expect("text");
        let (what, rest) = line.split_once(' ').expect("two words");
        match what {
            "stored" => Said::Stored(rest.parse().expect("a number")),
            _ => Said::Failed(rest.to_owned()),
        }
    }

    /// The next round that is stored.
    fn stored(&mut self) -> u64 {
        loop {
            match self.said() {
                Said::Stored(round) => return round,
                Said::Failed(_) => {}
            }
        }
    }

    /// What it said before it ended; the last line may be cut off.
    fn rest(&mut self) -> Vec<u64> {
        let lines = self.lines.by_ref().map_while(Result::ok);
        lines.filter_map(|line| line.strip_prefix("stored ")?.parse().ok()).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ = self.child.kill();
    }
}
