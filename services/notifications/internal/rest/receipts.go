package rest

import (
	"context"
	"slices"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/shared/caller"
)

// Words of an item's state.
const (
	stateDelivered    = "delivered"
	stateOpened       = "opened"
	stateAcknowledged = "acknowledged"
)

// ReportReceipts takes what the caller's app says of notices.
func (h *handler) ReportReceipts(ctx context.Context, r api.ReportReceiptsRequestObject) (api.ReportReceiptsResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	var taken int
	var opened, acknowledged []push.Notice
	var looked bool
	for _, item := range r.Body.Items {
		n, ok := h.Ledger.Mine(me.Conference, me.Delegate, item.NoticeID)
		if !ok && !looked { // a sibling may have filed it a moment ago
			if err := h.Ledger.Refresh(ctx, me.Conference); err != nil {
				return nil, err
			}
			looked = true
			n, ok = h.Ledger.Mine(me.Conference, me.Delegate, item.NoticeID)
		}
		if !ok {
			continue
		}
		taken++
		switch item.State {
		case api.ReceiptStateReceived:
			h.Receipts.Received(n, me.Delegate)
		case api.ReceiptStateDisplayed:
			h.Receipts.Displayed(n, me.Delegate)
		case api.ReceiptStateOpened:
			opened = append(opened, n)
		case api.ReceiptStateAcknowledged:
			acknowledged = append(acknowledged, n)
		}
	}
	h.Receipts.Open(me.Conference, me.Delegate, seqs(opened)...)
	if len(acknowledged) > 0 {
		if err := h.Receipts.Acknowledge(ctx, me.Conference, me.Delegate, seqs(acknowledged)...); err != nil {
			return nil, err
		}
		if err := h.Ladder.Acknowledged(ctx, me.Conference, me.Delegate, acknowledged); err != nil {
			return nil, err
		}
	}
	return api.ReportReceipts200JSONResponse{Taken: taken, Ignored: len(r.Body.Items) - taken}, nil
}

func seqs(notices []push.Notice) []int64 {
	all := make([]int64, 0, len(notices))
	for _, n := range notices {
		all = append(all, n.Seq)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// MarkInboxRead notes how far the caller has read.
func (h *handler) MarkInboxRead(ctx context.Context, r api.MarkInboxReadRequestObject) (api.MarkInboxReadResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if _, last := h.Ledger.Count(me.Conference, me.Delegate, 0, r.Body.UpTo); last < r.Body.UpTo {
		if err := h.Ledger.Refresh(ctx, me.Conference); err != nil {
			return nil, err
		}
	}
	_, upTo := h.Ledger.Count(me.Conference, me.Delegate, 0, r.Body.UpTo)
	if err := h.Receipts.Read(ctx, me.Conference, me.Delegate, upTo); err != nil {
		return nil, err
	}
	return api.MarkInboxRead200JSONResponse(h.readState(me)), nil
}

// GetReadState answers how far the caller has read.
func (h *handler) GetReadState(ctx context.Context, _ api.GetReadStateRequestObject) (api.GetReadStateResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	return api.GetReadState200JSONResponse(h.readState(me)), nil
}

func (h *handler) readState(me caller.Caller) api.ReadState {
	s := h.Receipts.Of(me.Conference, me.Delegate)
	above, _ := h.Ledger.Count(me.Conference, me.Delegate, s.ReadUpTo, 0)
	out := api.ReadState{
		ReadUpTo: s.ReadUpTo, Unread: max(0, above-s.ReadAbove(s.ReadUpTo)),
		Opened: s.AllOpened(), Acknowledged: slices.Clone(s.Acknowledged),
	}
	if out.Acknowledged == nil {
		out.Acknowledged = []int64{}
	}
	return out
}

// mark says of items how far the caller got with each, and notes that their app
// has everything up to the last: it asks for what comes after a number, or is
// being given it.
func (h *handler) mark(me caller.Caller, after int64, notices []push.Notice, items []api.InboxItem) {
	h.progress(me, notices, items)
	if len(notices) > 0 {
		after = notices[len(notices)-1].Seq
	}
	if h.Receipts.Fetched(me.Conference, me.Delegate) >= after {
		return
	}
	if _, last := h.Ledger.Count(me.Conference, me.Delegate, 0, after); last > 0 {
		h.Receipts.Fetch(me.Conference, me.Delegate, last)
	}
}

// progress says of items how far the caller got with each.
func (h *handler) progress(me caller.Caller, notices []push.Notice, items []api.InboxItem) {
	got := h.Receipts.Of(me.Conference, me.Delegate)
	for i, n := range notices {
		items[i].State, items[i].Read = stateDelivered, got.HasRead(n.Seq)
		switch {
		case got.HasAcknowledged(n.Seq):
			items[i].State = stateAcknowledged
		case got.HasOpened(n.Seq):
			items[i].State = stateOpened
		}
		if !n.AckBy.IsZero() {
			items[i].AcknowledgeBy = &n.AckBy
		}
	}
}
