//! Money: attempts to take it, what they lead to, and how some of it goes back.
//!
//! Whether an attempt succeeds is the caller's to say; here is what Stripe does then.

use crate::world::balance_transaction::{BalanceTransaction, Mover, fee_on};
use crate::world::charge::{Charge, Outcome};
use crate::world::invoice::{Invoice, Standing};
use crate::world::invoice_payment::{InvoicePayment, Progress};
use crate::world::payment_intent::Stage;
use crate::world::{Currency, Dispute, EventKind, No, Refund, World};

use crate::calendar::DAY;

/// Days between the attempts to collect one invoice: after the last, it is given up.
pub(crate) const RETRY_DAYS: [i64; 3] = [3, 5, 7];

/// What a dispute costs, in minor units.
const DISPUTE_FEE: i64 = 1_500;

impl World {
    /// Tries to take what an open invoice asks for.
    pub(crate) fn attempt(&mut self, at: i64, no: No<Invoice>, outcome: Outcome) {
        let Some(invoice) = self.get(no).filter(|invoice| invoice.standing == Standing::Open).cloned() else { return };
        let (Some(intent), Some(payer)) = (invoice.intent, self.get(invoice.customer).cloned()) else { return };
        let charge = Charge {
            customer: invoice.customer,
            intent,
            invoice: no,
            amount: invoice.amount_remaining(),
            currency: invoice.currency,
            outcome,
            refunded: 0,
            is_disputed: false,
            wallet: payer.wallet,
            balance_transaction: None,
            created: at,
        };
        let charge = match outcome {
            Outcome::Succeeded => self.put(charge),
            Outcome::Pending => self.add(EventKind::ChargePending, charge),
            Outcome::Failed(_) => self.add(EventKind::ChargeFailed, charge),
        };
        self.touch(intent, |intent| intent.latest_charge = Some(charge));
        self.touch(no, |invoice| invoice.attempts += 1);
        match outcome {
            Outcome::Succeeded => self.collect(at, charge),
            Outcome::Pending => {
                self.change(EventKind::IntentProcessing, at, intent, |intent| intent.stage = Stage::Processing);
                self.tell(EventKind::InvoiceUpdated, at, no);
            }
            Outcome::Failed(decline) => {
                self.change(EventKind::IntentFailed, at, intent, |intent| {
                    intent.stage = Stage::NeedsMethod;
                    intent.last_error = Some(decline);
                });
                self.miss(at, no);
            }
        }
    }

    /// Takes note that an attempt succeeded, at once or after days on the way.
    pub(crate) fn collect(&mut self, at: i64, no: No<Charge>) {
        let Some(charge) = self.get(no).cloned() else { return };
        let transaction = self.put(BalanceTransaction {
            mover: Mover::Charge(no),
            amount: charge.amount,
            fee: fee_on(charge.amount, charge.currency),
            currency: charge.currency,
            created: at,
        });
        self.touch(no, |charge| {
            charge.outcome = Outcome::Succeeded;
            charge.balance_transaction = Some(transaction);
        });
        self.tell(EventKind::ChargeSucceeded, at, no);
        self.change(EventKind::IntentSucceeded, at, charge.intent, |intent| {
            intent.stage = Stage::Succeeded;
            intent.last_error = None;
        });
        if let Some(payment) = self.get(charge.invoice).and_then(|invoice| invoice.payment) {
            self.change(EventKind::InvoicePaymentPaid, at, payment, |payment| payment.progress = Progress::Paid(at));
        }
        self.settle_invoice(at, charge.invoice, charge.amount);
    }

    fn miss(&mut self, at: i64, no: No<Invoice>) {
        self.change(EventKind::InvoiceUpdated, at, no, |invoice| {
            let failures = usize::try_from(invoice.attempts).unwrap_or(usize::MAX);
            let days = RETRY_DAYS.get(failures.saturating_sub(1));
            invoice.next_attempt = days.map(|days| at + days * DAY);
        });
        self.tell(EventKind::InvoicePaymentFailed, at, no);
        if let Some(customer) = self.get(no).map(|invoice| invoice.customer) {
            self.set_delinquent(at, customer, true);
        }
    }

    fn set_delinquent(&mut self, at: i64, customer: No<crate::world::Customer>, is_delinquent: bool) {
        if self.get(customer).is_some_and(|customer| customer.is_delinquent != is_delinquent) {
            self.change(EventKind::CustomerUpdated, at, customer, |customer| customer.is_delinquent = is_delinquent);
        }
    }

    /// Marks an invoice as paid.
    pub(crate) fn settle_invoice(&mut self, at: i64, no: No<Invoice>, amount: i64) {
        self.change(EventKind::InvoiceUpdated, at, no, |invoice| {
            invoice.standing = Standing::Paid;
            invoice.amount_paid += amount;
            invoice.at.paid = Some(at);
            invoice.next_attempt = None;
        });
        self.tell(EventKind::InvoicePaid, at, no);
        let Some(invoice) = self.get(no).cloned() else { return };
        if !invoice.is_paid_off_stripe {
            self.tell(EventKind::InvoicePaymentSucceeded, at, no);
        }
        self.set_delinquent(at, invoice.customer, false);
    }

    /// Takes note that an invoice was paid outside Stripe.
    pub(crate) fn pay_off_stripe(&mut self, at: i64, no: No<Invoice>) {
        let Some(invoice) = self.get(no).filter(|invoice| invoice.standing == Standing::Open).cloned() else { return };
        let amount = invoice.amount_remaining();
        if let Some(intent) = invoice.intent {
            let canceled = Stage::Canceled(at, "failed_invoice");
            self.change(EventKind::IntentCanceled, at, intent, |intent| intent.stage = canceled);
        }
        if let Some(payment) = invoice.payment {
            self.touch(payment, |payment| payment.progress = Progress::Canceled(at));
        }
        self.add(
            EventKind::InvoicePaymentPaid,
            InvoicePayment {
                invoice: no,
                amount,
                currency: invoice.currency,
                intent: None,
                progress: Progress::Paid(at),
                created: at,
            },
        );
        self.touch(no, |invoice| invoice.is_paid_off_stripe = true);
        self.settle_invoice(at, no, amount);
    }

    /// Gives money back; all of it where no amount is named.
    pub(crate) fn refund(&mut self, at: i64, no: No<Charge>, amount: Option<i64>, reason: Option<&'static str>) {
        let Some(charge) = self.get(no).filter(|charge| charge.outcome == Outcome::Succeeded).cloned() else { return };
        let left = charge.amount - charge.refunded;
        let amount = amount.unwrap_or(left).min(left);
        if amount <= 0 || charge.is_disputed {
            return;
        }
        let refund = self.put(Refund {
            charge: no,
            intent: charge.intent,
            customer: charge.customer,
            amount,
            currency: charge.currency,
            reason,
            balance_transaction: None,
            created: at,
        });
        let moved = self.move_balance(at, Mover::Refund(refund), -amount, 0, charge.currency);
        self.touch(refund, |refund| refund.balance_transaction = Some(moved));
        self.change(EventKind::ChargeRefunded, at, no, |charge| charge.refunded += amount);
        self.tell(EventKind::RefundCreated, at, refund);
    }

    /// Has the customer's bank take a payment back.
    pub(crate) fn dispute(&mut self, at: i64, no: No<Charge>, reason: &'static str) -> Option<No<Dispute>> {
        let charge =
            self.get(no).filter(|charge| charge.outcome == Outcome::Succeeded && charge.refunded == 0)?.clone();
        let dispute = self.put(Dispute {
            charge: no,
            intent: charge.intent,
            amount: charge.amount,
            currency: charge.currency,
            reason,
            status: "needs_response",
            balance_transaction: None,
            created: at,
        });
        let moved = self.move_balance(at, Mover::Dispute(dispute), -charge.amount, DISPUTE_FEE, charge.currency);
        self.touch(dispute, |dispute| dispute.balance_transaction = Some(moved));
        self.tell(EventKind::DisputeCreated, at, dispute);
        self.change(EventKind::ChargeUpdated, at, no, |charge| charge.is_disputed = true);
        Some(dispute)
    }

    /// Loses a dispute.
    pub(crate) fn lose_dispute(&mut self, at: i64, no: No<Dispute>) {
        self.change(EventKind::DisputeClosed, at, no, |dispute| dispute.status = "lost");
    }

    fn move_balance(
        &mut self,
        at: i64,
        mover: Mover,
        amount: i64,
        fee: i64,
        currency: Currency,
    ) -> No<BalanceTransaction> {
        self.put(BalanceTransaction { mover, amount, fee, currency, created: at })
    }
}
