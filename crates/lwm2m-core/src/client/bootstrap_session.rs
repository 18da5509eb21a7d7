//! Bootstrap-Request and what follows, up to Bootstrap-Finish (LwM2M 1.0 TS §5.2.5, 1.1 Core §6.1.3).

use core::time::Duration;

use coap::{Code, Message, Options, Request, RequestId};
use lwm2m_codec::{Path, Value, registration::LwM2mVersion};

use super::{
    bootstrap::{Session, Stage},
    bootstrap_interface::BootstrapInterface,
    bootstrap_pack,
    event::{BOOTSTRAP_SERVER, BootstrapFailure, Event, Output},
    machine::Client,
    object_tree::ObjectTree,
    retry::{Attempts, Next},
};
use crate::Peer;

impl Client {
    pub(super) fn request_bootstrap(&mut self) {
        let Some(server) = self.bootstrap.server else {
            self.bootstrap.stage = Stage::Idle;
            return;
        };
        let Some(peer) = server.peer else {
            if let Some(why) = self.bootstrap.not_found.remove(&server.security_instance) {
                return self.bootstrap_failed(BootstrapFailure::NoAnswer { why });
            }
            self.bootstrap.stage = Stage::Connecting;
            return self.connect(server.security_instance);
        };
        let config = &self.shared.config;
        let pack = config.bootstrap_pack
            && config.version >= LwM2mVersion::V1_2
            && !core::mem::take(&mut self.bootstrap.without_pack);
        let (request, patience) = if pack {
            (bootstrap_pack::request(config), config.transmission.exchange_lifetime())
        } else {
            (self.bootstrap_request(), config.request_timeout)
        };
        self.shared.push_event(BOOTSTRAP_SERVER, Event::BootstrapRequested);
        match self.shared.endpoint.request(self.shared.now, peer, request, patience) {
            Ok((exchange, _)) => self.bootstrap.stage = Stage::Requesting { exchange, pack },
            Err(error) => self.bootstrap_failed(BootstrapFailure::NoAnswer { why: error.to_string() }),
        }
    }

    /// LwM2M 1.1 Core §6.1.7.1; `pct` came with 1.1.
    fn bootstrap_request(&self) -> Request {
        let config = &self.shared.config;
        let mut request = Request::new(Code::POST);
        request.options = Options::new().with_path("/bs").with_query(&format!("ep={}", config.endpoint));
        if let Some(format) = config.preferred_content_format
            && config.version >= LwM2mVersion::V1_1
        {
            request.options = request.options.with_query(&format!("pct={}", format.0));
        }
        request
    }

    pub(super) fn bootstrap_request_ended(&mut self, answer: Result<&Message, String>) {
        let Stage::Requesting { pack, .. } = self.bootstrap.stage else { return };
        match answer {
            Ok(answer) if pack => self.pack_came(answer),
            // LwM2M 1.2 Core §6.1.7.7: without a pack, as it always was.
            Err(_) if pack => self.go_on_without_pack("no answer".to_owned()),
            Ok(answer) if answer.code.is_success() => self.open_session(),
            Ok(answer) => {
                let diagnostic = String::from_utf8_lossy(&answer.payload).into_owned();
                self.bootstrap_failed(BootstrapFailure::Refused { code: answer.code, diagnostic });
            }
            Err(why) => self.bootstrap_failed(BootstrapFailure::NoAnswer { why }),
        }
    }

    fn pack_came(&mut self, answer: &Message) {
        if !answer.code.is_success() {
            let diagnostic = String::from_utf8_lossy(&answer.payload);
            return self.go_on_without_pack(format!("{} {diagnostic}", answer.code).trim_end().to_owned());
        }
        let before = self.shared.tree.clone();
        let bootstrap = self.bootstrap.server.map(|server| server.security_instance);
        match bootstrap_pack::apply(&mut self.shared.tree, self.shared.config.version, bootstrap, answer) {
            Ok(()) => self.bootstrap_finished(&before),
            Err(refusal) => {
                self.shared.tree.restore(before);
                self.go_on_without_pack(refusal.diagnostic);
            }
        }
    }

    fn go_on_without_pack(&mut self, why: String) {
        self.shared.push_event(BOOTSTRAP_SERVER, Event::BootstrapPackRefused { why });
        self.bootstrap.without_pack = true;
        self.request_bootstrap();
    }

    /// A command of the Bootstrap-Server, asked for or not. As long as its account is kept, it may begin at any time
    /// (LwM2M 1.0 TS §5.2.3.4).
    pub(super) fn handle_bootstrap_command(&mut self, id: RequestId, command: &Message) {
        if let Stage::Requesting { exchange, .. } = self.bootstrap.stage {
            // Its answer was overtaken; nobody needs it any more.
            self.shared.endpoint.cancel_exchange(self.shared.now, exchange);
        }
        if !matches!(self.bootstrap.stage, Stage::Open(_)) {
            self.open_session();
        }
        let mut interface = BootstrapInterface {
            tree: &mut self.shared.tree,
            version: self.shared.config.version,
            bootstrap: self.bootstrap.server.map(|server| server.security_instance),
            events: Vec::new(),
            finished: false,
        };
        let response = interface.answer(command);
        let (events, finished) = (interface.events, interface.finished);
        if let Stage::Open(session) = &mut self.bootstrap.stage {
            session.last_command = self.shared.now;
            session.inconsistency = (response.code == Code::NOT_ACCEPTABLE && command.code == Code::POST)
                .then(|| String::from_utf8_lossy(&response.payload).into_owned());
        }
        self.shared.endpoint.respond(self.shared.now, id, response);
        events.into_iter().for_each(|event| self.shared.push_event(BOOTSTRAP_SERVER, event));
        if finished && let Stage::Open(session) = core::mem::take(&mut self.bootstrap.stage) {
            self.bootstrap_finished(&session.before);
        }
    }

    /// What there is now is what the client goes back to when this comes to nothing.
    fn open_session(&mut self) {
        let session =
            Session { before: self.shared.tree.clone(), last_command: self.shared.now, inconsistency: None };
        self.bootstrap.stage = Stage::Open(Box::new(session));
        self.shared.bootstrapping = true;
        self.shared.push_event(BOOTSTRAP_SERVER, Event::BootstrapBegun);
    }

    fn bootstrap_finished(&mut self, before: &ObjectTree) {
        self.bootstrap.stage = Stage::Idle;
        self.bootstrap.attempts = Attempts::default();
        self.shared.bootstrapping = false;
        self.shared.push_event(BOOTSTRAP_SERVER, Event::Bootstrapped);
        self.note_last_bootstrapped(before);
        self.adopt_accounts(Some(before));
        self.plan_purge();
        for account in &mut self.accounts {
            account.update_if_wanted(&mut self.shared);
        }
    }

    /// Last Bootstrapped, `/1/x/12`: when the Bootstrap-Server last updated the account, which the client is responsible
    /// for (LwM2M 1.1 Core, Server Object). An instance that was written as it had been before lacks it.
    fn note_last_bootstrapped(&mut self, before: &ObjectTree) {
        const SERVER: u16 = 1;
        if self.shared.config.version < LwM2mVersion::V1_1 {
            return;
        }
        let seconds = i64::try_from(self.shared.now.as_millis() / 1_000).unwrap_or(i64::MAX);
        let instances: Vec<u16> = self.shared.tree.instances(SERVER).into_iter().flatten().collect();
        for instance in instances {
            let path = Path::resource(SERVER, instance, 12);
            let is_same = self.shared.tree.instance(SERVER, instance) == before.instance(SERVER, instance);
            if !is_same || !self.shared.tree.contains(&path) {
                // Where the definition of the Server Object does not have it there is nothing to note.
                let _ = self.shared.tree.insert(path, Value::Time(seconds));
            }
        }
    }

    /// LwM2M 1.1 Core §6.1.3.3: EXCHANGE_LIFETIME without a command, and no Bootstrap-Finish that could be accepted.
    pub(super) fn bootstrap_timed_out(&mut self) {
        let Stage::Open(session) = &mut self.bootstrap.stage else { return };
        let why = BootstrapFailure::NoFinish { inconsistency: session.inconsistency.take() };
        self.bootstrap_failed(why);
    }

    /// Goes back to what there was before. Without a server that takes the client, it tries again later.
    fn bootstrap_failed(&mut self, why: BootstrapFailure) {
        self.abandon_bootstrap();
        self.shared.push_event(BOOTSTRAP_SERVER, Event::BootstrapFailed { why });
        if !self.needs_bootstrap() {
            return;
        }
        self.hang_up();
        let policy = self.shared.bootstrap_retry();
        let after = match self.bootstrap.attempts.failed(&policy) {
            Next::Attempt { after } => after,
            Next::Failed { again } => again.unwrap_or(Duration::MAX),
        };
        self.bootstrap.stage = Stage::Waiting { until: self.shared.now + after };
    }

    /// A Bootstrap-Server that was started again knows nothing of the session: the next attempt makes a new one.
    fn hang_up(&mut self) {
        let Some(server) = &mut self.bootstrap.server else { return };
        if let Some(peer) = server.peer.take_if(|peer| matches!(peer, Peer::Session(_))) {
            self.bootstrap.outputs.push_back(Output::Disconnect { peer });
        }
    }

    /// Nothing of bootstrap goes on, and nothing of it is left.
    pub(super) fn abandon_bootstrap(&mut self) {
        match core::mem::take(&mut self.bootstrap.stage) {
            Stage::Requesting { exchange, .. } => {
                self.shared.endpoint.cancel_exchange(self.shared.now, exchange);
            }
            Stage::Open(session) => self.shared.tree.restore(session.before),
            Stage::Idle | Stage::Waiting { .. } | Stage::Connecting => {}
        }
        self.shared.bootstrapping = false;
    }
}
