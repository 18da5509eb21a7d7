//! What devices have reported so far: asked away from the thread that serves devices and browsers.

use std::{ops::Range, sync::Arc};

use coap::Instant;
use lwm2m_codec::Path;
use store::{
    StoreError,
    history::{Buckets, Cursor, HistoryReader, Order, Page, Query, Retention},
};
use tokio::sync::Semaphore;

/// Questions that are looked up at a time: each takes a thread and a page of memory. Beyond, they wait.
const QUESTIONS: usize = 4;

/// Asks the history. A page is one question, so that nobody who reads slowly keeps others from theirs.
pub(crate) struct History {
    reader: HistoryReader,
    questions: Arc<Semaphore>,
}

impl History {
    pub(crate) fn new(reader: HistoryReader) -> Self {
        Self { reader, questions: Arc::new(Semaphore::new(QUESTIONS)) }
    }

    pub(crate) async fn page(
        &self,
        query: Query,
        order: Order,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.ask(move |reader| reader.page(&query, order, after, limit)).await
    }

    pub(crate) async fn buckets(
        &self,
        endpoint: String,
        path: Path,
        during: Range<Instant>,
        at_most: usize,
    ) -> Result<Buckets, StoreError> {
        self.ask(move |reader| reader.buckets(&endpoint, path, during, at_most)).await
    }

    pub(crate) fn retention(&self) -> Retention {
        self.reader.retention()
    }

    pub(crate) async fn retain(&self, retention: Retention) -> Result<(), StoreError> {
        self.ask(move |reader| reader.retain(retention)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&HistoryReader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = self.reader.clone();
        let turn = Arc::clone(&self.questions).acquire_owned().await;
        let answer = tokio::task::spawn_blocking(move || {
            // Until it is answered, also when nobody waits for that any more.
            let _turn = turn;
            question(&reader)
        });
        answer.await.map_err(|error| StoreError(error.to_string()))?
    }
}
