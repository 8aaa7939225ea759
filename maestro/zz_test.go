package maestro
import ("testing";"syscall";"time")
func cpu() time.Duration { var r syscall.Rusage; syscall.Getrusage(syscall.RUSAGE_SELF,&r); return time.Duration(r.Utime.Nano()+r.Stime.Nano()) }
func TestCPU(t *testing.T){ s:=cpu(); load(embedded); t.Log("cold cpu", cpu()-s); s=cpu(); for range 50 { load(embedded) }; t.Log("avg cpu", (cpu()-s)/50) }
