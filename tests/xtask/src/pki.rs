//! The certificates and keys of one cluster, all ECDSA P-256, and the kubeconfigs made of them. A
//! kubeconfig carries its data, so it works from any folder.

use crate::error::{Doing, Result};
use crate::node::{API_ADDRESS, NODE_ADDRESS, NODE_NAME};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::json;
use std::fs;
use std::path::Path;

/// Where the API server listens inside of the node.
const INSIDE: &str = "https://127.0.0.1:6443";

/// Write everything into `folder`, and the user's kubeconfig for `port` of this machine to
/// `outside`.
pub fn write(folder: &Path, outside: &Path, port: u16) -> Result<()> {
    fs::create_dir_all(folder).doing(|| format!("create `{}`", folder.display()))?;
    let authority = Authority::new()?;
    save(folder, "ca.crt", &authority.certificate)?;
    let node = format!("system:node:{NODE_NAME}");
    let server = ExtendedKeyUsagePurpose::ServerAuth;
    let names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"];
    let names = [&names[..], &["127.0.0.1", API_ADDRESS, NODE_ADDRESS]].concat();
    let apiserver = authority.issue("kube-apiserver", None, &names, server.clone())?;
    apiserver.save(folder, "apiserver")?;
    let names = [NODE_NAME, NODE_ADDRESS, "127.0.0.1"];
    let kubelet = authority.issue(&node, Some("system:nodes"), &names, server)?;
    kubelet.save(folder, "kubelet-serving")?;
    let users = [
        ("admin", "admin", Some("system:masters")),
        ("kcm", "system:kube-controller-manager", None),
        ("scheduler", "system:kube-scheduler", None),
        ("kubelet", node.as_str(), Some("system:nodes")),
    ];
    for (file, name, group) in users {
        let client = authority.issue(name, group, &[], ExtendedKeyUsagePurpose::ClientAuth)?;
        let inside = authority.kubeconfig(INSIDE, &client);
        save(folder, &format!("{file}.kubeconfig"), &inside)?;
        if file == "admin" {
            client.save(folder, "admin")?;
            let server = format!("https://127.0.0.1:{port}");
            let text = authority.kubeconfig(&server, &client);
            fs::write(outside, text).doing(|| format!("write `{}`", outside.display()))?;
        }
    }
    let accounts = KeyPair::generate().doing(|| "make the service account key".into())?;
    save(folder, "sa.key", &accounts.serialize_pem())?;
    save(folder, "sa.pub", &accounts.public_key_pem())
}

struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

struct Identity {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Result<Self> {
        let mut params = named("mlcube-k8s", None, &[])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().doing(|| "make a key".into())?;
        let certificate = params.self_signed(&key).doing(|| "sign the authority".into())?.pem();
        Ok(Authority { certificate, issuer: Issuer::new(params, key) })
    }

    fn issue(
        &self,
        name: &str,
        group: Option<&str>,
        alternatives: &[&str],
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<Identity> {
        let mut params = named(name, group, alternatives)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().doing(|| "make a key".into())?;
        let certificate = params
            .signed_by(&key, &self.issuer)
            .doing(|| format!("sign the certificate of `{name}`"))?;
        Ok(Identity { certificate: certificate.pem(), key: key.serialize_pem() })
    }

    fn kubeconfig(&self, server: &str, user: &Identity) -> String {
        let data = |pem: &str| STANDARD.encode(pem);
        let cluster = json!({
            "server": server,
            "certificate-authority-data": data(&self.certificate),
        });
        let user = json!({
            "client-certificate-data": data(&user.certificate),
            "client-key-data": data(&user.key),
        });
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "mlcube-k8s", "cluster": cluster}],
            "users": [{"name": "mlcube-k8s", "user": user}],
            "contexts": [{
                "name": "mlcube-k8s",
                "context": {"cluster": "mlcube-k8s", "user": "mlcube-k8s"},
            }],
            "current-context": "mlcube-k8s",
        });
        format!("{config:#}\n")
    }
}

impl Identity {
    fn save(&self, folder: &Path, name: &str) -> Result<()> {
        save(folder, &format!("{name}.crt"), &self.certificate)?;
        save(folder, &format!("{name}.key"), &self.key)
    }
}

fn named(name: &str, group: Option<&str>, alternatives: &[&str]) -> Result<CertificateParams> {
    let alternatives: Vec<String> = alternatives.iter().map(|&name| name.to_owned()).collect();
    let mut params =
        CertificateParams::new(alternatives).doing(|| format!("name the certificate `{name}`"))?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(group) = group {
        params.distinguished_name.push(DnType::OrganizationName, group);
    }
    Ok(params)
}

fn save(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    fs::write(&path, text).doing(|| format!("write `{}`", path.display()))
}
