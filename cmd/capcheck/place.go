package main

import (
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/internal/report/runs"
)

// place says where a runtime lies, as the flags say.
type place struct {
	home, world, store, fga, audit string
	policies                       []string
	tenant                         string
}

func (p *place) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&p.home, "home", "", "folder of the runtime (default: "+homeFolder+" in this folder)")
	flags.StringVar(&p.world, "world", "", "world to enforce in (default: "+worldFile+" in the runtime's folder, or else the demo world)")
	flags.StringVar(&p.store, "store", "", "where runs and approvals are kept: a Postgres URL or an SQLite file (default: in the runtime's folder)")
	flags.StringVar(&p.fga, "fga", "", "where relations are kept: an OpenFGA or Postgres URL, or an SQLite file (default: memory, filled from the world)")
	flags.StringVar(&p.audit, "audit", "", "folder of the audit log (default: in the runtime's folder)")
	flags.StringArrayVar(&p.policies, "policy", nil, "folder with a policy of your own, which can only tighten; may be repeated")
	p.tenantFlag(cmd)
}

func (p *place) tenantFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.tenant, "tenant", "", "tenant (default: the world's)")
}

// hints are the flags that a later command needs to find the same runtime.
func (p *place) hints() runs.Hints {
	flags := func(list ...[2]string) string {
		var b strings.Builder
		for _, f := range list {
			if f[1] != "" {
				b.WriteString(" --" + f[0] + " " + quoteArg(concealed(f[1])))
			}
		}
		return b.String()
	}
	all := flags([2]string{"home", p.home}, [2]string{"world", p.world}, [2]string{"store", p.store}, [2]string{"fga", p.fga},
		[2]string{"audit", p.audit}, [2]string{"tenant", p.tenant})
	for _, dir := range p.policies {
		all += flags([2]string{"policy", dir})
	}
	return runs.Hints{Flags: all, Audit: flags([2]string{"home", p.home}, [2]string{"audit", p.audit})}
}

// quoteArg writes a word so that a POSIX shell takes it for one.
func quoteArg(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:=@,+", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
