use std::{collections::VecDeque, sync::Arc};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use console_api::{ApiError, ClientFrame, Event, FleetView, PROTOCOL, ServerFrame, Topic};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Form,
    commands::{self, CommandRows},
    form::NoFrame,
    limits,
    topics::Topics,
    window::{Found, Window},
};
use crate::{
    access_control::Runs,
    bootstrap::Desk,
    clock::Clock,
    fleet::{Fleet, Missed, News, Reader, View},
    http::{State, decoded::Decoding},
    objects::Objects,
    trace::{
        Trace,
        follower::{self, Follower},
    },
};

/// What a Close frame has room for besides its code (RFC 6455 §5.5).
const REASON_BYTES: usize = 123;

/// One browser tab, or a script.
pub(super) struct Console {
    socket: WebSocket,
    form: Form,
    fleet: Arc<Fleet>,
    clock: Clock,
    reader: Reader,
    topics: Topics,
    /// Topics that wait for their snapshot.
    unseen: VecDeque<Topic>,
    /// This console has been told everything up to the event with this number.
    cursor: u64,
    /// The number that it knows of.
    told: u64,
    flush: Option<Instant>,
    objects: Arc<Objects>,
    trace: Arc<Trace>,
    follower: Option<Follower>,
    bootstrap: Desk,
    bootstrap_changes: watch::Receiver<u64>,
    runs: Arc<Runs>,
    run_changes: watch::Receiver<u64>,
}

impl Console {
    pub(super) fn new(socket: WebSocket, state: &State, form: Form) -> Self {
        let fleet = Arc::clone(&state.fleet);
        let reader = fleet.reader();
        let cursor = fleet.view().seq();
        Self {
            socket,
            form,
            fleet,
            clock: state.clock,
            reader,
            topics: Topics::default(),
            unseen: VecDeque::new(),
            cursor,
            told: cursor,
            flush: None,
            objects: Arc::clone(&state.objects),
            trace: Arc::clone(&state.trace),
            follower: None,
            bootstrap: state.bootstrap.clone(),
            bootstrap_changes: state.bootstrap.sessions.changes(),
            runs: Arc::clone(&state.access_control.runs),
            run_changes: state.access_control.runs.changes(),
        }
    }

    pub(super) async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), axum::Error> {
        let server_version = env!("CARGO_PKG_VERSION").to_owned();
        let (now_ms, run) = (self.now_ms(), self.fleet.run);
        self.send(&ServerFrame::Hello { protocol: PROTOCOL, server_version, now_ms, run }).await?;
        tokio::pin!(stop);
        loop {
            let follow = self.flush.is_none();
            let look = self.topics.fleet.as_ref().and_then(Window::due);
            let look_at_bootstraps = self.topics.bootstraps.due();
            let look_at_runs = self.topics.access_control_runs.due();
            let look_at_commands = self.topics.commands.as_ref().and_then(CommandRows::due);
            tokio::select! {
                () = &mut stop => return self.close(close_code::AWAY, "the server is stopping").await,
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(message)) => match self.form.read(&message) {
                        Ok(Some(frame)) => self.handle(frame).await?,
                        Ok(None) => {}
                        Err(NoFrame::Mistake(what)) => self.refuse("not a frame of a console", what).await?,
                        Err(NoFrame::Foreign(why)) => return self.close(close_code::PROTOCOL, &why).await,
                    },
                    Some(Err(error)) => return self.close(close_code::PROTOCOL, &error.to_string()).await,
                },
                () = self.reader.more_than(self.cursor), if follow => {
                    self.flush = Some(Instant::now() + limits::FLUSH);
                }
                () = at(self.flush) => self.tell().await?,
                () = at(look) => self.look_again().await?,
                () = at(look_at_commands) => self.tell_commands().await?,
                // It is told for as long as there are sessions, which this console has.
                _ = self.bootstrap_changes.changed() => self.topics.bootstraps.looks.notice(),
                () = at(look_at_bootstraps) => self.tell_bootstraps().await?,
                _ = self.run_changes.changed() => self.topics.access_control_runs.looks.notice(),
                () = at(look_at_runs) => self.tell_runs().await?,
                part = follower::next(self.follower.as_mut()) => self.send(&ServerFrame::Trace(part)).await?,
            }
        }
    }

    async fn handle(&mut self, frame: ClientFrame) -> Result<(), axum::Error> {
        match frame {
            ClientFrame::Subscribe(topic) => self.subscribe([topic]).await,
            ClientFrame::Unsubscribe(topic) => {
                self.topics.remove(&topic);
                if matches!(topic, Topic::Trace(_)) {
                    self.follower = None;
                }
                Ok(())
            }
            ClientFrame::Resume { run, seq, topics } => self.resume(run, seq, topics).await,
            ClientFrame::Ping(ping) => {
                let now_ms = self.now_ms();
                self.send(&ServerFrame::Pong { ping, now_ms }).await
            }
        }
    }

    async fn subscribe(&mut self, topics: impl IntoIterator<Item = Topic>) -> Result<(), axum::Error> {
        if self.topics.is_empty() {
            // What happened until now is older than any snapshot.
            self.tell().await?;
        }
        for topic in topics {
            match self.topics.add(&topic) {
                Ok(()) => self.unseen.push_back(topic),
                Err(refused) => self.send(&ServerFrame::Refused(refused)).await?,
            }
        }
        self.show_unseen().await
    }

    /// What was missed follows as events, if all of it is still there. Windows come as they are now.
    async fn resume(&mut self, run: u64, seq: u64, topics: Vec<Topic>) -> Result<(), axum::Error> {
        self.topics = Topics::default();
        self.follower = None;
        if run != self.fleet.run || self.fleet.view().news(seq, 0).is_err() {
            return self.subscribe(topics).await;
        }
        self.send(&ServerFrame::Resumed).await?;
        let (devices, others): (Vec<_>, Vec<_>) =
            topics.into_iter().partition(|topic| matches!(topic, Topic::Device(_)));
        for topic in devices {
            if let Err(refused) = self.topics.add(&topic) {
                self.send(&ServerFrame::Refused(refused)).await?;
            }
        }
        (self.cursor, self.told) = (seq, seq);
        self.tell().await?;
        self.subscribe(others).await
    }

    /// Sends the snapshots that are due, each after the events before it: a console that has seen a number has seen
    /// everything up to it.
    async fn show_unseen(&mut self) -> Result<(), axum::Error> {
        while let Some(topic) = self.unseen.pop_front() {
            match topic {
                Topic::Fleet(view) => {
                    let found = find(&self.fleet, &view).await;
                    self.send_window(&found).await?;
                }
                Topic::Device(endpoint) => {
                    self.send_after_news(|view, _| Some(ServerFrame::Device(view.device(&endpoint)))).await?;
                }
                Topic::Commands(_) => self.tell_commands().await?,
                Topic::BootstrapSessions(_) | Topic::BootstrapSession(_) => self.tell_bootstraps().await?,
                Topic::AccessControlRun(_) => self.tell_runs().await?,
                // What is there comes first, and both by itself.
                Topic::Trace(endpoint) => {
                    self.follower = Some(Follower::new(Arc::clone(&self.trace), endpoint));
                }
            }
        }
        Ok(())
    }

    /// Looks who belongs to the window now.
    async fn look_again(&mut self) -> Result<(), axum::Error> {
        let Some(view) = self.topics.fleet.as_ref().map(|window| window.view.clone()) else { return Ok(()) };
        let (found, known) = (find(&self.fleet, &view).await, self.fleet.view().known());
        let changed = self.topics.fleet.as_mut().is_some_and(|window| window.looked(&found, known));
        if changed {
            self.send_window(&found).await?;
        }
        self.show_unseen().await
    }

    async fn send_window(&mut self, found: &Found) -> Result<(), axum::Error> {
        let known = self.fleet.view().known();
        if let Some(window) = &mut self.topics.fleet {
            window.looked(found, known);
            self.send_after_news(|view, topics| {
                let window = topics.fleet.as_mut()?;
                Some(ServerFrame::Fleet(window.fill(found, view)))
            })
            .await?;
        }
        Ok(())
    }

    /// Sends the commands that are on the screen, unless they are there already.
    async fn tell_commands(&mut self) -> Result<(), axum::Error> {
        let Some(view) = self.topics.commands.as_mut().map(CommandRows::look) else { return Ok(()) };
        let found = self.fleet.find_commands(view.query.clone()).await;
        let window = commands::window(view, &found, &self.fleet.view());
        match self.topics.commands.as_mut().and_then(|rows| rows.tell(window)) {
            Some(window) => self.send(&ServerFrame::Commands(window)).await,
            None => Ok(()),
        }
    }

    /// Sends the bootstrap sessions that are on the screen, unless they are there already.
    async fn tell_bootstraps(&mut self) -> Result<(), axum::Error> {
        for frame in self.topics.bootstraps.look(&self.bootstrap).await {
            self.send(&frame).await?;
        }
        Ok(())
    }

    /// Sends the access control runs that are followed, unless they are there already.
    async fn tell_runs(&mut self) -> Result<(), axum::Error> {
        for frame in self.topics.access_control_runs.look(&self.runs) {
            self.send(&frame).await?;
        }
        Ok(())
    }

    /// Sends what has happened, and then a snapshot of the same moment.
    async fn send_after_news(
        &mut self,
        snapshot: impl FnOnce(&View<'_>, &mut Topics) -> Option<ServerFrame>,
    ) -> Result<(), axum::Error> {
        let (events, frame, seq) = {
            let fleet = Arc::clone(&self.fleet);
            let view = fleet.view();
            let news = view.news(self.cursor, usize::MAX);
            // The news are for what was on the screen before the snapshot.
            let events = news.map(|news| self.frames(&news, view.seq()));
            (events, snapshot(&view, &mut self.topics), view.seq())
        };
        self.cursor = seq;
        match events {
            Ok(messages) => self.send_all(messages?).await?,
            Err(missed) => self.lagged(missed).await?,
        }
        if let Some(frame) = frame {
            self.told = seq;
            self.send(&frame).await?;
        }
        Ok(())
    }

    /// Sends what has happened.
    async fn tell(&mut self) -> Result<(), axum::Error> {
        self.flush = None;
        let (events, seq) = {
            let view = self.fleet.view();
            (view.news(self.cursor, usize::MAX), view.seq())
        };
        self.cursor = seq;
        match events.map(|news| self.frames(&news, seq)) {
            Ok(messages) => self.send_all(messages?).await,
            Err(missed) => {
                self.lagged(missed).await?;
                self.show_unseen().await
            }
        }
    }

    /// This console was too slow: it is told so, and its topics start again from what is true now.
    async fn lagged(&mut self, Missed(missed): Missed) -> Result<(), axum::Error> {
        self.unseen.extend(self.topics.all());
        self.told = self.cursor;
        self.send(&ServerFrame::Lagged { missed }).await
    }

    /// What this console is told of the events up to number `seq`.
    fn frames(&mut self, news: &[Arc<News>], seq: u64) -> Result<Vec<Message>, axum::Error> {
        let (form, decoding) = (self.form, self.decoding());
        let (mut frames, mut events, mut bytes) = (Vec::new(), Vec::new(), 0);
        for news in news {
            for event in self.wanted(news) {
                events.push((event, news.row.as_ref().map(|row| Arc::clone(&row.registration))));
                bytes += news.bytes();
            }
            if events.len() >= limits::EVENTS_PER_FRAME || bytes >= limits::BYTES_PER_FRAME {
                frames.push(form.write_events(news.seq, std::mem::take(&mut events), &decoding)?);
                bytes = 0;
            }
        }
        if !events.is_empty() || seq - self.told >= limits::EVENTS_UNTOLD {
            frames.push(form.write_events(seq, events, &decoding)?);
        }
        if !frames.is_empty() {
            self.told = seq;
        }
        Ok(frames)
    }

    fn wanted(&mut self, news: &News) -> impl Iterator<Item = Event> + use<> {
        let event = self.topics.has_device(news).then(|| news.event()).flatten();
        let of_row = self.topics.fleet.as_mut().and_then(|window| {
            window.notice(news);
            window.shows(news).then(|| news.row_event()).flatten()
        });
        if let Some(list) = &mut self.topics.commands {
            list.notice(news);
        }
        let of_row = of_row.filter(|of_row| event.as_ref() != Some(of_row));
        event.into_iter().chain(of_row)
    }

    async fn refuse(&mut self, message: &str, got: String) -> Result<(), axum::Error> {
        let message = format!("{message}: {got}");
        let refused = ApiError { code: "bad_request".to_owned(), message, details: None };
        self.send(&ServerFrame::Refused(refused)).await
    }

    async fn send(&mut self, frame: &ServerFrame) -> Result<(), axum::Error> {
        let message = self.form.write(frame, &self.fleet, &self.decoding())?;
        self.send_all([message]).await
    }

    async fn send_all(&mut self, messages: impl IntoIterator<Item = Message>) -> Result<(), axum::Error> {
        for message in messages {
            match timeout(limits::UNREAD, self.socket.send(message)).await {
                Ok(sent) => sent?,
                Err(_) => return Err(axum::Error::new("it does not read what it is sent")),
            }
        }
        Ok(())
    }

    async fn close(&mut self, code: u16, why: &str) -> Result<(), axum::Error> {
        let end = why.floor_char_boundary(REASON_BYTES);
        let reason = why.get(..end).unwrap_or_default().to_owned().into();
        self.socket.send(Message::Close(Some(CloseFrame { code, reason }))).await
    }

    fn decoding(&self) -> Decoding {
        Decoding::new(&self.objects, self.now_ms())
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().as_millis()
    }
}

async fn find(fleet: &Arc<Fleet>, view: &FleetView) -> Found {
    let started = Instant::now();
    let matching = fleet.find(view.query.clone()).await;
    Found::new(&matching, view, started)
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
