/** A fault of one line in src/run: the file's text with `from` in it gets `to` instead. */
export interface RunMutant {
  fault: string
  /** Below src/run. */
  file: string
  from: string
  to: string
  /** The test file that has to notice it, below test/run. */
  test: string
}

/** Faults that would harm a server or lie about one. Those of the scripts are in test/ps-scripts/mutants.ts. */
export const runMutants: RunMutant[] = [
  {
    fault: 'services started while the end of the install is not known',
    file: 'machine.ts',
    from: "isJobStep(trouble.step) && trouble.outcome === 'failed'",
    to: 'isJobStep(trouble.step)',
    test: 'machine.test.ts',
  },
  {
    fault: 'services left alone after a failed install',
    file: 'machine.ts',
    from: "['services', 'collect', 'diagnose']",
    to: "['collect', 'diagnose']",
    test: 'machine.test.ts',
  },
  {
    fault: 'the job started after a failure before it',
    file: 'machine.ts',
    from: "step === 'settings-restore' ||",
    to: "step === 'settings-restore' || step === 'guard' ||",
    test: 'machine.test.ts',
  },
  {
    fault: 'a stop that leaves a server whose job runs',
    file: 'machine.ts',
    from: 'if (progress.stopping && !jobStarted(ended))',
    to: 'if (progress.stopping)',
    test: 'machine.test.ts',
  },
  {
    fault: 'a server that precheck refused is patched',
    file: 'machine.ts',
    from: "if (progress.blocked) return { end: 'blocked' }",
    to: '',
    test: 'machine.test.ts',
  },
  {
    fault: 'one stuck setting forgiven',
    file: 'verdict.ts',
    from: 'if (stuck > 0)',
    to: 'if (stuck > 1)',
    test: 'verdict.test.ts',
  },
  {
    fault: 'an unknown server counted as well',
    file: 'verdict.ts',
    from: "outcome === 'changed' || outcome === 'ok')) return",
    to: "outcome !== 'failed' && outcome !== 'blocked')) return",
    test: 'verdict.test.ts',
  },
  {
    fault: 'entries of the server told twice',
    file: 'job-feed.ts',
    from: 'if (entry.seq <= lastSeq) continue',
    to: '',
    test: 'job-feed.test.ts',
  },
  {
    fault: "somebody else's value told as put back",
    file: 'job-feed.ts',
    from: "if (entry.change === 'foreign') {",
    to: 'if (entry.seq < 0) {',
    test: 'job-feed.test.ts',
  },
  {
    fault: 'a step that the follower ended begins again',
    file: 'job-feed.ts',
    from: 'if (open !== null) await finish(open, outcome, error)',
    to: "await finish(open ?? 'install', outcome, error)",
    test: 'job-feed.test.ts',
  },
  {
    fault: 'a second install after an unknown end',
    file: 'prior.ts',
    from: "return outcome === 'failed' && jobStarted ?",
    to: "return outcome !== 'changed' && jobStarted ?",
    test: 'prior.test.ts',
  },
  {
    fault: 'a job that may run is forgotten on resume',
    file: 'prior.ts',
    from: "if (event.step === 'settings-on') server.jobStarted = true",
    to: '',
    test: 'prior.test.ts',
  },
  {
    fault: 'a failed server tried again unasked',
    file: 'prior.ts',
    from: '(refused && !retryFailed)',
    to: 'false',
    test: 'prior.test.ts',
  },
  {
    fault: 'the active node first',
    file: 'cluster-turn.ts',
    from: 'if (other === undefined || (await isActive(server)) !== true) return { run: server }',
    to: 'if (other === undefined || (await isActive(server)) === true) return { run: server }',
    test: 'cluster-turn.test.ts',
  },
  {
    fault: 'the active node after a partner that failed',
    file: 'cluster-turn.ts',
    from: "outcomes[member] !== 'changed' && outcomes[member] !== 'ok')",
    to: "outcomes[member] === 'blocked')",
    test: 'cluster-turn.test.ts',
  },
  {
    fault: 'a partner started while the end of the other is not known',
    file: 'cluster-turn.ts',
    from: "outcomes[member] === 'unknown')",
    to: 'false)',
    test: 'cluster-turn.test.ts',
  },
  {
    fault: 'a node that gave its slot away is never patched',
    file: 'cluster-turn.ts',
    from: 'length <= cluster.members.indexOf(slot)',
    to: 'length < cluster.members.indexOf(slot)',
    test: 'cluster-turn.test.ts',
  },
  {
    fault: 'the failure budget ignored',
    file: 'rollout.ts',
    from: "if (spent) this.halt ??= 'budget'",
    to: "if (spent && plan.batches.length < 0) this.halt ??= 'budget'",
    test: 'executor.test.ts',
  },
  {
    fault: 'a Group Policy not seen',
    file: 'precheck/server-checks.ts',
    from: "['MachinePolicy', MachinePolicy],",
    to: '',
    test: 'precheck/precheck.test.ts',
  },
  {
    fault: 'a filtered token let through',
    file: 'precheck/server-checks.ts',
    from: 'readiness.elevated\n',
    to: 'readiness.elevated || !readiness.elevated\n',
    test: 'precheck/precheck.test.ts',
  },
  {
    fault: "another run's guard overlooked",
    file: 'precheck/server-checks.ts',
    from: 'readiness.armedRun === null || readiness.armedRun === run',
    to: 'readiness.armedRun !== run',
    test: 'precheck/precheck.test.ts',
  },
  {
    fault: 'an install that was cut short taken for current',
    file: 'precheck/update-checks.ts',
    from: 'if (order === 0 && !registered)',
    to: 'if (order === 0 && false)',
    test: 'precheck/precheck.test.ts',
  },
  {
    fault: 'a wrong password tried on every server',
    file: 'job-account.ts',
    from: '      if (refused !== undefined) throw notTried(refused)\n',
    to: '',
    test: 'job-account.test.ts',
  },
  {
    fault: 'all servers try an account at once that none has proven',
    file: 'job-account.ts',
    from: '      while (!proven && refused === undefined && underway !== undefined) await underway\n',
    to: '',
    test: 'job-account.test.ts',
  },
]
