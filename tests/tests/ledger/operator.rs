use std::{path::Path, sync::Arc};

use anyhow::Result;
use console_api::{Command, Operation, OperationRequest, OperationResponse, ValueContent, Wait};
use whole_program_tests::{Answer, Rest};

use crate::{
    book::{Book, Order},
    device::endpoint,
    dice::Dice,
    progress::{Phase, Progress},
};

/// How long a client's answer is waited for: it is never far away.
const TIMEOUT_MS: u64 = 20_000;

/// Orders one operation after the other through REST, and keeps a ledger of what was answered.
pub(crate) struct Operator {
    name: String,
    rest: Rest,
    devices: usize,
    dice: Dice,
    book: Book,
    progress: Arc<Progress>,
    orders: u64,
}

impl Operator {
    pub(crate) fn new(
        number: u64,
        seed: u64,
        rest: Rest,
        devices: usize,
        books: &Path,
        progress: Arc<Progress>,
    ) -> Result<Self> {
        let name = format!("operator{number}");
        let (book, dice) = (Book::open(books, &name)?, Dice::new(seed, 1_000 + number));
        Ok(Self { name, rest, devices, dice, book, progress, orders: 0 })
    }

    /// Orders as long as the load lasts, and gives its ledger.
    pub(crate) async fn run(mut self) -> Result<Book> {
        while self.progress.phase() == Phase::Load {
            self.progress.is_up().await;
            self.order().await?;
        }
        Ok(self.book)
    }

    async fn order(&mut self) -> Result<()> {
        self.orders += 1;
        let argument = format!("{}-{:07}", self.name, self.orders);
        let endpoint = endpoint(usize::try_from(self.dice.draw(self.devices as u64))?);
        let mut request = match self.dice.draw(4) {
            0 => OperationRequest::new(Operation::Read, "/3/0/9"),
            1 => OperationRequest {
                value: Some(ValueContent::Text(argument.clone())),
                ..OperationRequest::new(Operation::Write, "/3/0/15")
            },
            _ => OperationRequest {
                arguments: Some(format!("0='{argument}'")),
                ..OperationRequest::new(Operation::Execute, "/3/0/4")
            },
        };
        let wait = if self.dice.one_in(2) { Wait::Accepted } else { Wait::Answer };
        (request.wait, request.timeout_ms) = (Some(wait), Some(TIMEOUT_MS));
        let path = format!("/api/v1/clients/{endpoint}/operations");
        // Without an answer, because the server was killed or could not, nobody was promised anything.
        let Ok(answer) = self.rest.post(&path, &serde_json::to_string(&request)?).await else {
            return Ok(());
        };
        let execute = request.op == Operation::Execute;
        if answer.status == 200 {
            let code = answer.json::<OperationResponse>(200)?.code;
            self.book.write(&Order::Answered { endpoint, argument, code, execute })?;
        } else if answer.status == 202 {
            let id = accepted(&answer)?;
            self.book.write(&Order::Accepted { endpoint, id, argument })?;
            self.follow(id).await?;
        }
        Ok(())
    }

    /// Looks at a command until it is over, or the server is.
    async fn follow(&mut self, id: u64) -> Result<()> {
        let (rest, path) = (&self.rest, format!("/api/v1/commands/{id}"));
        let over = whole_program_tests::wait::until("a command to be over", async || {
            let answer = rest.get(&path).await?;
            let command: Command<OperationResponse> = answer.json(200)?;
            Ok(command.is_over().then_some(command.state))
        })
        .await;
        if let Ok(state) = over {
            self.book.write(&Order::Over { id, state })?;
        }
        Ok(())
    }
}

fn accepted(answer: &Answer) -> Result<u64> {
    Ok(answer.json::<Command<OperationResponse>>(202)?.id)
}
