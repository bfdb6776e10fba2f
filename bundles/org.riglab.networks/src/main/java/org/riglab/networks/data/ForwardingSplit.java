package org.riglab.networks.data;

import java.util.List;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/** A split that forwards every call to another one; a subclass overrides what it changes. */
public abstract class ForwardingSplit implements Split {
  private final Split split;

  /**
   * @param split receives the calls
   */
  protected ForwardingSplit(Split split) {
    this.split = split;
  }

  @Override
  public int size() {
    return split.size();
  }

  @Override
  public String id(int index) {
    return split.id(index);
  }

  @Override
  public Sample sample(int index) {
    return split.sample(index);
  }

  @Override
  public byte[] parts(int index) {
    return split.parts(index);
  }

  @Override
  public String fingerprint() {
    return split.fingerprint();
  }

  @Override
  public List<String> remarks() {
    return split.remarks();
  }

  @Override
  public List<String> remarks(int index) {
    return split.remarks(index);
  }
}
