package org.riglab.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;

/**
 * Which jars may be installed. With an invalid setting none may.
 *
 * @param mode off, digests or certificates
 * @param digests of jars
 * @param certificates folder of the signers' certificates
 * @param clock certificates expire by it
 */
record Trust(String mode, Set<String> digests, Path certificates, Clock clock) {
  private static final String OFF = "off";
  private static final String DIGESTS = "digests";
  private static final String CERTIFICATES = "certificates";
  private static final String WHERE = "configuration " + PluginConfig.PID + ": ";

  Trust {
    digests = Set.copyOf(digests);
  }

  static Trust of(PluginConfig config, Path home) {
    return new Trust(
        config.trust(),
        Arrays.stream(config.digests())
            .map(d -> d.strip().toLowerCase(Locale.ROOT).replaceFirst("^sha256:", ""))
            .collect(Collectors.toSet()),
        home.resolve(config.certificates()),
        Clock.systemUTC());
  }

  /**
   * Lets a jar in.
   *
   * @param jar a plugin, read; its libraries are held to the same
   * @param now whether it is about to be installed: certificates must be valid then, and not for
   *     ever after
   * @return why it is trusted, in words
   * @throws RigException if it is not; says why
   */
  String check(PluginJar jar, boolean now) {
    jar.libraries().forEach(library -> check(library, now));
    return switch (mode) {
      case OFF -> "any jar is trusted: trust is off";
      case DIGESTS -> checkDigest(jar);
      case CERTIFICATES -> checkSigners(jar, now);
      default ->
          throw new RigException(
              WHERE + "trust is '" + mode + "'; it must be off, digests or certificates");
    };
  }

  private String checkDigest(PluginJar jar) {
    for (String digest : digests) {
      if (!digest.matches("[0-9a-f]{64}")) {
        throw new RigException(
            WHERE + "'" + digest + "' is not a SHA-256; expected 64 hexadecimal digits");
      }
    }
    if (!digests.contains(jar.sha256())) {
      throw untrusted(jar, "its SHA-256 " + jar.sha256() + " is not among the configured digests");
    }
    return "its SHA-256 is among the configured digests";
  }

  private String checkSigners(PluginJar jar, boolean now) {
    Set<X509Certificate> allowed = allowed();
    Set<X509Certificate> used = new HashSet<>();
    for (Map.Entry<Set<X509Certificate>, String> signed : jar.contents().signers().entrySet()) {
      if (signed.getKey().isEmpty()) {
        throw untrusted(jar, signed.getValue() + " in it is not signed");
      }
      Set<X509Certificate> known = new HashSet<>(signed.getKey());
      known.retainAll(allowed);
      if (known.isEmpty()) {
        throw untrusted(
            jar,
            "%s in it is signed by %s, whose certificate is not in %s"
                .formatted(signed.getValue(), names(signed.getKey()), certificates));
      }
      if (now && known.stream().noneMatch(this::valid)) {
        throw untrusted(jar, validity(known.iterator().next()));
      }
      used.addAll(known);
    }
    if (used.isEmpty()) {
      throw untrusted(jar, "it is not signed");
    }
    return "all of it is signed by " + names(used);
  }

  private static RigException untrusted(PluginJar jar, String why) {
    return new RigException(
        RigException.Kind.DENIED, "plugin " + jar.title() + " is not trusted: " + why);
  }

  private boolean valid(X509Certificate certificate) {
    try {
      certificate.checkValidity(Date.from(clock.instant()));
      return true;
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      return false;
    }
  }

  private static String validity(X509Certificate certificate) {
    return "the certificate of %s is valid from %s to %s only"
        .formatted(
            names(Set.of(certificate)),
            certificate.getNotBefore().toInstant(),
            certificate.getNotAfter().toInstant());
  }

  private static String names(Set<X509Certificate> certificates) {
    return certificates.stream()
        .map(
            c ->
                PluginJar.oneLine(c.getSubjectX500Principal().getName())
                    + " (SHA-256 "
                    + fingerprint(c).substring(0, 16)
                    + "...)")
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private static String fingerprint(Certificate certificate) {
    try {
      return Sha256.of(certificate.getEncoded());
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate that was read has an encoding", e);
    }
  }

  private Set<X509Certificate> allowed() {
    Set<X509Certificate> allowed = new HashSet<>();
    if (Files.isDirectory(certificates)) {
      for (Path file : files()) {
        try (InputStream in = Files.newInputStream(file)) {
          for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
            allowed.add((X509Certificate) c);
          }
        } catch (CertificateException | IOException e) {
          throw new RigException(
              "cannot read the certificate " + file + ": " + PluginJar.oneLine(e.getMessage()), e);
        }
      }
    }
    if (allowed.isEmpty()) {
      throw new RigException(
          RigException.Kind.DENIED,
          "no plugin is trusted, as there is no certificate (*.pem, *.crt) in " + certificates);
    }
    return allowed;
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(certificates)) {
      return files.filter(f -> f.toString().matches(".*\\.(pem|crt)")).sorted().toList();
    } catch (IOException e) {
      throw FileFailures.reading(certificates, e);
    }
  }
}
