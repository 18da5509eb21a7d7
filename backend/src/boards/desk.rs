use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use coap::Usage;
use console_api::{Board, BoardList};
use store::{Audit, DocumentChange};

use super::{
    BoardError, Opened,
    check::checked,
    listed::{BOARD, LAST, Listed, OF_ALL, as_kept},
};
use crate::documents::{DocumentError, Documents};

/// Who keeps boards.
#[derive(Clone)]
pub(crate) struct Desk {
    documents: Documents,
    listed: Arc<Mutex<Listed>>,
    /// The highest id that a board ever had. Who changes a board holds it, so that changes come one by one.
    last: Arc<tokio::sync::Mutex<u64>>,
}

impl Desk {
    pub(crate) fn new(documents: Documents, Opened { listed, last }: Opened) -> Self {
        let (listed, last) = (Arc::new(Mutex::new(listed)), Arc::new(tokio::sync::Mutex::new(last)));
        Self { documents, listed, last }
    }

    /// By name.
    pub(crate) fn list(&self) -> BoardList {
        self.listed().list()
    }

    pub(crate) fn usage(&self) -> Usage {
        self.listed().usage()
    }

    pub(crate) fn one(&self, id: u64) -> Result<Board, BoardError> {
        let kept = self.documents.one(BOARD, &id.to_string())?;
        kept.map(as_kept).ok_or(BoardError::Unknown(id))
    }

    /// A further board.
    pub(crate) async fn add(&self, author: String, board: Board) -> Result<Board, BoardError> {
        let board = checked(board)?;
        self.whole(async move |desk| {
            let mut last = desk.last.lock().await;
            if !desk.listed().has_room() {
                return Err(BoardError::NoRoom);
            }
            let id = *last + 1;
            let counted = desk.documents.saved(LAST, OF_ALL, id, &author, &id)?;
            let board = Board { id, version: 1, ..board };
            let board = desk.store(board, author, "add_board", vec![counted]).await?;
            *last = id;
            Ok(board)
        })
        .await
    }

    /// In place of the one with this id, which has to be of the version that it was made from.
    pub(crate) async fn save(&self, id: u64, author: String, board: Board) -> Result<Board, BoardError> {
        let board = checked(board)?;
        self.whole(async move |desk| {
            let _turn = desk.last.lock().await;
            let (kept, got) = (desk.one(id)?.version, board.version);
            if kept != got {
                return Err(BoardError::Outdated { kept, got });
            }
            desk.store(Board { id, version: kept + 1, ..board }, author, "save_board", Vec::new()).await
        })
        .await
    }

    pub(crate) async fn delete(&self, id: u64, author: String) -> Result<(), BoardError> {
        self.whole(async move |desk| {
            let _turn = desk.last.lock().await;
            let audit = desk.audit(&author, "delete_board", &desk.one(id)?);
            let removed = DocumentChange::Removed { kind: BOARD.to_owned(), key: id.to_string() };
            desk.documents.keep(vec![removed], vec![audit]).await?;
            desk.listed().remove(id);
            Ok(())
        })
        .await
    }

    async fn store(
        &self,
        board: Board,
        author: String,
        what: &str,
        mut changes: Vec<DocumentChange>,
    ) -> Result<Board, BoardError> {
        let saved_at_ms = self.documents.clock.now().as_millis();
        let board = Board { saved_at_ms, author, ..board };
        let (key, audit) = (board.id.to_string(), self.audit(&board.author, what, &board));
        changes.push(self.documents.saved(BOARD, &key, board.version, &board.author, &board)?);
        self.documents.keep(changes, vec![audit]).await?;
        self.listed().put(&board);
        Ok(board)
    }

    /// Does something to its end, also when the caller has gone: what is stored has to be listed.
    async fn whole<T: Send + 'static, F>(
        &self,
        work: impl FnOnce(Self) -> F + Send + 'static,
    ) -> Result<T, BoardError>
    where
        F: Future<Output = Result<T, BoardError>> + Send + 'static,
    {
        tokio::spawn(work(self.clone())).await.map_err(|_| DocumentError::Stopping)?
    }

    fn audit(&self, author: &str, what: &str, Board { id, name, version, .. }: &Board) -> Audit {
        Audit {
            at: self.documents.clock.now(),
            author: author.to_owned(),
            what: what.to_owned(),
            endpoint: None,
            details: format!("board {id}, version {version}: {name:?}"),
        }
    }

    fn listed(&self) -> MutexGuard<'_, Listed> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
