//! Calls, summed up by provider and model.

use super::{Call, money};
use crate::cli::remote::table::Table;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What calls come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    calls: u64,
    failed: u64,
    input: i64,
    output: i64,
    cost_micros: i64,
    /// Calls whose cost nobody knows; it is not in the sum.
    unpriced: u64,
    fee_micros: i64,
}

/// What they come to by provider and model.
#[derive(Debug, Default)]
pub(super) struct Sums {
    by_model: BTreeMap<(String, String), Sum>,
    total: Sum,
}

impl Sum {
    fn add(&mut self, call: &Call) {
        self.calls += 1;
        self.failed += u64::from(call.status >= 400);
        self.input += call.tokens.input.unwrap_or_default();
        self.output += call.tokens.output.unwrap_or_default();
        self.cost_micros += call.cost_micros.unwrap_or_default();
        self.unpriced += u64::from(call.cost_micros.is_none());
        self.fee_micros += call.fee_micros;
    }

    fn cells(&self) -> [String; 7] {
        [
            self.calls.to_string(),
            self.failed.to_string(),
            self.input.to_string(),
            self.output.to_string(),
            money(Some(self.cost_micros)),
            self.unpriced.to_string(),
            money(Some(self.fee_micros)),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "calls": self.calls,
            "failed": self.failed,
            "input_tokens": self.input,
            "output_tokens": self.output,
            "cost_micros": self.cost_micros,
            "calls_of_unknown_cost": self.unpriced,
            "fee_micros": self.fee_micros,
        })
    }
}

impl Sums {
    /// What these calls come to.
    pub(super) fn of(calls: &[Call]) -> Self {
        let mut sums = Self::default();
        for call in calls {
            let model = (call.provider.clone(), call.model().to_owned());
            sums.by_model.entry(model).or_default().add(call);
            sums.total.add(call);
        }
        sums
    }

    /// For people, with a line for all of them.
    pub(super) fn table(&self) -> Table {
        let headings = [
            "provider",
            "model",
            "calls",
            "failed",
            "in",
            "out",
            "cost",
            "cost unknown",
            "fee",
        ];
        let mut table = Table::new(&headings);
        for ((provider, model), sum) in &self.by_model {
            table.row([provider.clone(), model.clone()].into_iter().chain(sum.cells()));
        }
        if !self.by_model.is_empty() {
            table.row(["all".to_owned(), String::new()].into_iter().chain(self.total.cells()));
        }
        table
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let sums = self.by_model.iter().map(|((provider, model), sum)| {
            let mut json = sum.json();
            json["provider"] = provider.as_str().into();
            json["model"] = model.as_str().into();
            json
        });
        json!({ "sums": sums.collect::<Vec<_>>(), "total": self.total.json() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(provider: &str, model: &str, status: u16, cost: Option<i64>) -> Call {
        serde_json::from_value(json!({
            "occurred_at": "2026-11-21T14:02:07Z", "provider": provider, "model_asked": model, "model_answered": null,
            "key_source": "byok", "status": status, "tokens": {"input": 10, "output": null}, "cost_micros": cost,
            "fee_micros": 1, "latency_ms": 5
        }))
        .unwrap()
    }

    #[test]
    fn an_unknown_cost_is_counted_not_summed() {
        let calls = [
            call("openai", "gpt-4o", 200, Some(1_500_000)),
            call("openai", "gpt-4o", 429, None),
            call("anthropic", "claude", 200, Some(2)),
        ];
        let sums = Sums::of(&calls);
        let expected = "PROVIDER   MODEL   CALLS  FAILED  IN  OUT  COST       COST UNKNOWN  FEE\n\
                        anthropic  claude  1      0       10  0    $0.000002  0             $0.000001\n\
                        openai     gpt-4o  2      1       20  0    $1.500000  1             $0.000002\n\
                        all        -       3      1       30  0    $1.500002  1             $0.000003";
        assert_eq!(sums.table().lines(), expected);
        let json = sums.json();
        assert_eq!(json["total"]["cost_micros"], 1_500_002);
        assert_eq!(json["sums"][1]["calls_of_unknown_cost"], 1);
        assert!(Sums::of(&[]).table().is_empty());
    }
}
