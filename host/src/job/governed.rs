//! Labels and annotations that something in a cluster acts on, and what governs them. The interface
//! `metadata` refuses them: what one interface governs cannot be written through another. A patch,
//! which can change nearly everything, can write them.

/// Labels and annotations that are governed together: a row of a table that docs/policies.md shows.
#[derive(Clone, Copy, Debug)]
pub struct Governed {
    /// Keys; `example.org/` stands for all keys of a domain, `.example.org/` for those of the domain
    /// and all below it, and `example.` for all that begin with it.
    pub keys: &'static [&'static str],
    /// What may write them.
    pub by: Governor,
    /// What acts on them, and to what effect.
    pub why: &'static str,
}

/// What governs a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Governor {
    /// Kubernetes itself.
    Kubernetes,
    /// A verb of another interface.
    Verb(&'static str),
    /// Only a patch.
    Patch,
}

impl Governor {
    /// Its name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kubernetes | Self::Patch => "patch",
            Self::Verb(verb) => verb,
        }
    }
}

/// The first row that has a key counts.
pub const GOVERNED: [Governed; 9] = [
    Governed {
        keys: &["kueue.x-k8s.io/queue-name"],
        by: Governor::Verb("scheduling.set-queue"),
        why: "the Kueue queue, which decides when and on whose quota the Job runs",
    },
    Governed {
        keys: &[
            ".kueue.x-k8s.io/",
            ".scheduling.k8s.io/",
            ".scheduling.x-k8s.io/",
            ".scheduling.sigs.k8s.io/",
            ".scheduler.alpha.kubernetes.io/",
            ".cluster-autoscaler.kubernetes.io/",
            ".descheduler.alpha.kubernetes.io/",
            ".karpenter.sh/",
            ".volcano.sh/",
            ".yunikorn.apache.org/",
            ".koordinator.sh/",
            ".run.ai/",
            ".kai.scheduler/",
            "queue",
            "applicationId",
        ],
        by: Governor::Patch,
        why: "schedulers, queues and autoscalers: order, placement and eviction, as `scheduling` has them",
    },
    Governed {
        keys: &[
            "kubectl.kubernetes.io/default-container",
            "kubectl.kubernetes.io/default-logs-container",
        ],
        by: Governor::Patch,
        why: "policies and `kubectl`, which take it for the main container",
    },
    Governed {
        keys: &[
            ".container.apparmor.security.beta.kubernetes.io/",
            ".seccomp.security.alpha.kubernetes.io/",
            ".pod-security.kubernetes.io/",
            "io.kubernetes.cri-o.",
            ".crio.io/",
            "io.katacontainers.",
            "io.containerd.",
        ],
        by: Governor::Patch,
        why: "container runtimes: AppArmor, seccomp, user namespaces and virtual machines, as `containers` has them",
    },
    Governed {
        keys: &["job-name", "controller-uid", ".kubernetes.io/", ".k8s.io/", ".x-k8s.io/"],
        by: Governor::Kubernetes,
        why: "Kubernetes and its own controllers: which Pods are whose, and what becomes of them",
    },
    Governed {
        keys: &[
            ".istio.io/",
            ".linkerd.io/",
            ".consul.hashicorp.com/",
            ".kuma.io/",
            ".dapr.io/",
            ".openservicemesh.io/",
            ".opentelemetry.io/",
            ".jaegertracing.io/",
            ".datadoghq.com/",
            ".newrelic.com/",
            ".dynatrace.com/",
        ],
        by: Governor::Patch,
        why: "injectors, which put containers and variables into the Pod",
    },
    Governed {
        keys: &[
            ".vault.hashicorp.com/",
            ".iam.amazonaws.com/",
            ".eks.amazonaws.com/",
            ".azure.workload.identity/",
            "aadpodidbinding",
            ".iam.gke.io/",
            ".iam.cloud.google.com/",
            ".spiffe.io/",
            ".security.banzaicloud.io/",
            ".infisical.com/",
            ".1password.com/",
        ],
        by: Governor::Patch,
        why: "givers of credentials and identities",
    },
    Governed {
        keys: &["gke-gcsfuse/", ".csi.storage.gke.io/", ".fluid.io/", ".juicefs.com/"],
        by: Governor::Patch,
        why: "injectors of file systems, as `storage` has volumes",
    },
    Governed {
        keys: &[
            ".cni.cncf.io/",
            ".projectcalico.org/",
            ".cilium.io/",
            ".ovn.org/",
            ".openvswitch.org/",
            ".gke.io/",
            ".vpc.amazonaws.com/",
        ],
        by: Governor::Patch,
        why: "networks: which the Pod is in, under which addresses and rules",
    },
];

impl Governed {
    /// The row of a key.
    pub fn of(key: &str) -> Option<&'static Self> {
        GOVERNED.iter().find(|row| row.keys.iter().any(|pattern| fits(pattern, key)))
    }

    /// The keys as the table has them.
    pub fn shown(&self) -> String {
        let shown = |key: &&str| {
            let all = if key.ends_with(['/', '.']) { "*" } else { "" };
            format!("`{}{all}`", key.trim_start_matches('.'))
        };
        self.keys.iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    /// Why `metadata` does not write a key.
    pub fn refusal(&self, key: &str) -> String {
        match self.by {
            Governor::Kubernetes => {
                format!("`{key}` belongs to Kubernetes: use a domain of your own")
            }
            Governor::Verb(verb) => format!("`{key}` is {}: use `{verb}`", self.why),
            Governor::Patch => {
                format!("`{key}` is read by {}: only `patch` can write it", self.why)
            }
        }
    }
}

fn fits(pattern: &str, key: &str) -> bool {
    match pattern.strip_prefix('.') {
        // The domain itself, or one below it.
        Some(domain) => {
            key == domain || {
                let place = key.find('/').map_or(key.len(), |slash| slash + 1);
                key[..place]
                    .strip_suffix(domain)
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
        None if pattern.ends_with(['/', '.']) => key.starts_with(pattern),
        None => key == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_governor_that_acts_on_them() {
        let patch = Some(Governor::Patch);
        let kubernetes = Some(Governor::Kubernetes);
        let rows = [
            ("kueue.x-k8s.io/queue-name", Some(Governor::Verb("scheduling.set-queue"))),
            ("kueue.x-k8s.io/priority-class", patch),
            ("provreq.kueue.x-k8s.io/maxRunDurationSeconds", patch),
            ("queue", patch),
            ("queue.example.org/x", None),
            ("cluster-autoscaler.kubernetes.io/safe-to-evict", patch),
            ("karpenter.sh/do-not-disrupt", patch),
            ("notkarpenter.sh/do-not-disrupt", None),
            ("kubectl.kubernetes.io/default-container", patch),
            ("kubectl.kubernetes.io/restartedAt", kubernetes),
            ("container.apparmor.security.beta.kubernetes.io/main", patch),
            ("io.kubernetes.cri-o.userns-mode", patch),
            ("io.katacontainers.config.hypervisor.kernel", patch),
            ("cpu-quota.crio.io/x", patch),
            ("jobset.sigs.k8s.io/jobset-name", kubernetes),
            ("node.x-k8s.io/a", kubernetes),
            ("batch.kubernetes.io/x", kubernetes),
            ("job-name", kubernetes),
            ("sidecar.istio.io/inject", patch),
            ("istio.io/rev", patch),
            ("vault.hashicorp.com/agent-inject", patch),
            ("iam.amazonaws.com/role", patch),
            ("azure.workload.identity/use", patch),
            ("k8s.v1.cni.cncf.io/networks", patch),
            ("gke-gcsfuse/volumes", patch),
            ("team", None),
            ("example.org/team", None),
            ("example.org/istio.io", None),
        ];
        for (key, expected) in rows {
            assert_eq!(Governed::of(key).map(|row| row.by), expected, "{key}");
        }
    }
}
