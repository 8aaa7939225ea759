package approval

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/seal"
)

// Check is the name of this check in decisions.
const Check = "approval"

// MaxLife is the longest an approval may be valid.
const MaxLife = 30 * 24 * time.Hour

const (
	maxText  = 2048 // bytes of a reason, a purpose or a name
	maxChain = 32   // links of a delegation chain
)

// State is where an approval is.
type State string

// The states. Only open ones can be decided, and only approved ones used.
const (
	Open     State = "open"
	Approved State = "approved"
	Denied   State = "denied"
	Expired  State = "expired"
	Used     State = "used"
	Void     State = "void" // the policy changed, or the approver is no longer one
)

// Approval is a question to people, and its answer.
type Approval struct {
	ID              string
	Tenant          string
	Run             string
	Step            string
	Operation       string
	Effect          string
	Resource        string
	Purpose         string
	ArgumentsSHA256 string
	PolicyVersion   string
	Requesters      []decision.Actor // all who take part in the request
	Arguments       canonical.JSON   // what a person is shown
	State           State
	DecidedBy       string
	Reason          string // of the decision, or of its end
	Created         time.Time
	Expires         time.Time
	Decided         time.Time // zero: not
	UsedAt          time.Time // zero: not

	sealedArguments string
}

// Directory knows who may approve. It is asked when an approval is given and
// again when it is used; its errors are denials.
type Directory interface {
	Approves(ctx context.Context, tenant, effect, person string) (bool, error)
}

// Desk asks, records and honours approvals. It holds no state of its own.
type Desk struct {
	box       *seal.Box
	random    io.Reader
	directory Directory
	life      time.Duration
}

// New makes a desk whose approvals are valid for the given time from the moment
// they are asked for.
func New(box *seal.Box, random io.Reader, directory Directory, life time.Duration) (*Desk, error) {
	if box == nil || random == nil || directory == nil {
		return nil, &Error{Kind: Invalid, Detail: "expected a box, a source of randomness and a directory of approvers"}
	}
	if life <= 0 || life > MaxLife {
		return nil, &Error{Kind: Invalid, Detail: fmt.Sprintf("an approval is valid for more than nothing and at most %s", MaxLife)}
	}
	return &Desk{box: box, random: random, directory: directory, life: life}, nil
}

// takesPart says whether a person is among those who ask. Spellings that differ
// by case or by Unicode form alone count as the same person, whatever the kind:
// in doubt nobody approves for themselves.
func takesPart(person string, requesters []decision.Actor) bool {
	for _, r := range requesters {
		if strings.EqualFold(norm.NFKC.String(strings.TrimSpace(person)), norm.NFKC.String(strings.TrimSpace(r.ID))) {
			return true
		}
	}
	return false
}

// requesters lists all who take part in a request.
func requesters(req decision.Request) []decision.Actor {
	list := []decision.Actor{req.User, req.Agent}
	return append(list, req.Chain...)
}

// row names the row of an approval for its proof: every column, so that none can
// be changed in the database without the key.
func (a Approval) row() ([]string, error) {
	chain, err := json.Marshal(a.Requesters)
	if err != nil {
		return nil, err
	}
	return []string{"approval", a.ID, a.Tenant, a.Run, a.Step, a.Operation, a.Effect, a.Resource, a.Purpose, a.ArgumentsSHA256,
		a.PolicyVersion, string(chain), a.sealedArguments, string(a.State), a.DecidedBy, a.Reason,
		nanos(a.Created), nanos(a.Expires), nanos(a.Decided), nanos(a.UsedAt)}, nil
}

func nanos(t time.Time) string { return strconv.FormatInt(toNanos(t), 10) }

func toNanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// save writes what changed, if the row still is in the state it was read in.
func (d *Desk) save(tx *store.Tx, a Approval, was State) error {
	row, err := a.row()
	if err != nil {
		return err
	}
	proof, err := d.box.Seal(nil, row...)
	if err != nil {
		return err
	}
	changed, err := tx.Exec(`UPDATE approvals SET state = ?, decided_by = ?, reason = ?, decided_at = ?, used_at = ?, proof = ? WHERE id = ? AND state = ?`,
		string(a.State), a.DecidedBy, a.Reason, toNanos(a.Decided), toNanos(a.UsedAt), proof, a.ID, string(was))
	if err == nil && changed != 1 {
		err = &Error{Kind: Settled, ID: a.ID, Detail: "another process was faster"}
	}
	return err
}

// due says whether the time of an approval is up.
func (a Approval) due(now time.Time) bool {
	return (a.State == Open || a.State == Approved) && !now.Before(a.Expires)
}
