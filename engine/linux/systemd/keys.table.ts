/** Settings that exist, per section (systemd.unit(5), systemd.service(5), systemd.exec(5) ...): others are warned about. */
const unit = `Description Documentation SourcePath Requires Requisite Wants BindsTo PartOf Upholds Conflicts Before After OnFailure OnSuccess PropagatesReloadTo ReloadPropagatedFrom PropagatesStopTo StopPropagatedFrom JoinsNamespaceOf RequiresMountsFor
StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate DefaultDependencies OnFailureJobMode OnSuccessJobMode IgnoreOnIsolate JobTimeoutSec JobRunningTimeoutSec JobTimeoutAction JobTimeoutRebootArgument StartLimitInterval StartLimitIntervalSec
StartLimitBurst StartLimitAction FailureAction SuccessAction FailureActionExitStatus SuccessActionExitStatus RebootArgument CollectMode SurviveFinalKillSignal`
const conditions = ['Architecture', 'Virtualization', 'Host', 'KernelCommandLine', 'KernelVersion', 'Credential', 'Environment', 'Security', 'Capability', 'ACPower', 'NeedsUpdate', 'FirstBoot', 'PathExists', 'PathExistsGlob', 'PathIsDirectory', 'PathIsSymbolicLink', 'PathIsMountPoint', 'PathIsReadWrite', 'PathIsEncrypted',
  'DirectoryNotEmpty', 'FileNotEmpty', 'FileIsExecutable', 'User', 'Group', 'ControlGroupController', 'Memory', 'CPUs', 'CPUFeature', 'OSRelease', 'MemoryPressure', 'CPUPressure', 'IOPressure', 'Firmware']
const exec = `WorkingDirectory RootDirectory RootImage RootHash MountAPIVFS ProtectProc ProcSubset BindPaths BindReadOnlyPaths User Group DynamicUser SupplementaryGroups SetLoginEnvironment PAMName CapabilityBoundingSet AmbientCapabilities NoNewPrivileges SecureBits SELinuxContext AppArmorProfile SmackProcessLabel
LimitCPU LimitFSIZE LimitDATA LimitSTACK LimitCORE LimitRSS LimitNOFILE LimitAS LimitNPROC LimitMEMLOCK LimitLOCKS LimitSIGPENDING LimitMSGQUEUE LimitNICE LimitRTPRIO LimitRTTIME UMask CoredumpFilter KeyringMode OOMScoreAdjust TimerSlackNSec Personality IgnoreSIGPIPE Nice CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork
CPUAffinity NUMAPolicy NUMAMask IOSchedulingClass IOSchedulingPriority ProtectSystem ProtectHome RuntimeDirectory StateDirectory CacheDirectory LogsDirectory ConfigurationDirectory RuntimeDirectoryMode StateDirectoryMode CacheDirectoryMode LogsDirectoryMode ConfigurationDirectoryMode RuntimeDirectoryPreserve TimeoutCleanSec
ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths TemporaryFileSystem PrivateTmp PrivateDevices PrivateNetwork NetworkNamespacePath PrivateIPC IPCNamespacePath PrivateUsers ProtectHostname ProtectClock ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups RestrictAddressFamilies
RestrictFileSystems RestrictNamespaces LockPersonality MemoryDenyWriteExecute RestrictRealtime RestrictSUIDSGID RemoveIPC PrivateMounts MountFlags SystemCallFilter SystemCallErrorNumber SystemCallArchitectures SystemCallLog Environment EnvironmentFile PassEnvironment UnsetEnvironment StandardInput StandardOutput StandardError
StandardInputText StandardInputData LogLevelMax LogExtraFields LogRateLimitIntervalSec LogRateLimitBurst LogNamespace SyslogIdentifier SyslogFacility SyslogLevel SyslogLevelPrefix TTYPath TTYReset TTYVHangup TTYColumns TTYRows TTYVTDisallocate LoadCredential LoadCredentialEncrypted SetCredential SetCredentialEncrypted UtmpIdentifier UtmpMode ExecSearchPath
KillMode KillSignal RestartKillSignal SendSIGHUP SendSIGKILL FinalKillSignal WatchdogSignal`
const resources = `CPUAccounting CPUWeight StartupCPUWeight CPUQuota CPUQuotaPeriodSec CPUShares StartupCPUShares AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes MemoryAccounting MemoryMin MemoryLow MemoryHigh MemoryMax MemorySwapMax MemoryLimit TasksAccounting TasksMax IOAccounting IOWeight StartupIOWeight IODeviceWeight IOReadBandwidthMax
IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec IPAccounting IPAddressAllow IPAddressDeny IPIngressFilterPath IPEgressFilterPath BPFProgram DeviceAllow DevicePolicy Slice Delegate DisableControllers ManagedOOMSwap ManagedOOMMemoryPressure ManagedOOMMemoryPressureLimit ManagedOOMPreference BlockIOAccounting BlockIOWeight`
const service = `Type ExitType RemainAfterExit GuessMainPID PIDFile BusName ExecStart ExecStartPre ExecStartPost ExecCondition ExecReload ExecStop ExecStopPost RestartSec TimeoutStartSec TimeoutStopSec TimeoutAbortSec TimeoutSec TimeoutStartFailureMode TimeoutStopFailureMode RuntimeMaxSec RuntimeRandomizedExtraSec WatchdogSec Restart SuccessExitStatus
RestartPreventExitStatus RestartForceExitStatus RootDirectoryStartOnly NonBlocking NotifyAccess Sockets FileDescriptorStoreMax USBFunctionDescriptors USBFunctionStrings OOMPolicy PermissionsStartOnly StartLimitInterval StartLimitBurst StartLimitAction FailureAction RestartSteps RestartMaxDelaySec ReloadSignal`
const socket = `ListenStream ListenDatagram ListenSequentialPacket ListenFIFO ListenSpecial ListenNetlink ListenMessageQueue ListenUSBFunction SocketProtocol BindIPv6Only Backlog BindToDevice SocketUser SocketGroup SocketMode DirectoryMode Accept Writable FlushPending MaxConnections MaxConnectionsPerSource KeepAlive KeepAliveTimeSec KeepAliveIntervalSec
KeepAliveProbes NoDelay Priority DeferAcceptSec ReceiveBuffer SendBuffer IPTOS IPTTL Mark ReusePort PipeSize MessageQueueMaxMessages FreeBind Transparent Broadcast PassCredentials PassSecurity PassPacketInfo Timestamping TCPCongestion ExecStartPre ExecStartPost ExecStopPre ExecStopPost TimeoutSec Service RemoveOnStop Symlinks FileDescriptorName
TriggerLimitIntervalSec TriggerLimitBurst`
const timer = 'OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec OnCalendar AccuracySec RandomizedDelaySec FixedRandomDelay OnClockChange OnTimezoneChange Unit Persistent WakeSystem RemainAfterElapse'
const list = (...texts: string[]): ReadonlySet<string> => new Set(texts.flatMap((text) => text.split(/\s+/)))

export const knownKeys: Readonly<Record<string, ReadonlySet<string>>> = {
  Unit: list(unit, conditions.flatMap((name) => [`Condition${name}`, `Assert${name}`]).join(' ')),
  Install: list('Alias WantedBy RequiredBy UpheldBy Also DefaultInstance'),
  Service: list(service, exec, resources),
  Socket: list(socket, exec, resources),
  Timer: list(timer),
  Mount: list('What Where Type Options SloppyOptions LazyUnmount ReadWriteOnly ForceUnmount DirectoryMode TimeoutSec', exec, resources),
  Automount: list('Where ExtraOptions DirectoryMode TimeoutIdleSec'),
  Swap: list('What Priority Options TimeoutSec', exec, resources),
  Path: list('PathExists PathExistsGlob PathChanged PathModified DirectoryNotEmpty Unit MakeDirectory DirectoryMode TriggerLimitIntervalSec TriggerLimitBurst'),
  Slice: list(resources),
  Scope: list('RuntimeMaxSec RuntimeRandomizedExtraSec OOMPolicy User Group', resources, 'KillMode KillSignal SendSIGHUP SendSIGKILL TimeoutStopSec'),
}
