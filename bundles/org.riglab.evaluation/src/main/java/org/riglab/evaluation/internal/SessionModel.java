package org.riglab.evaluation.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Session;
import org.riglab.networks.inference.AnytimePasses;
import org.riglab.networks.inference.Model;

/**
 * A session's network for inference.
 *
 * @param session open
 * @param inputs sizes at which the network sees an image
 * @param passes how many iterations there are
 * @param outputs classes whose logits are compared, from the first; 0 for all
 */
record SessionModel(Session session, MultiScaleInputs inputs, AnytimePasses passes, int outputs)
    implements Model {
  @Override
  public NDList logits(NDArray images) {
    NDList all = inputs.forward(images, scaled -> passes.forward(session, scaled)).fused();
    NDList logits = outputs == 0 ? all : new NDList();
    if (outputs > 0) {
      all.forEach(one -> logits.add(one.get(":, 0:" + outputs)));
      all.attach(images.getManager());
    }
    // a part may compute with a parameter first, and leave what it makes with the parameters
    logits.attach(images.getManager());
    session.sweep();
    return logits;
  }

  @Override
  public String blame(NDArray images) {
    return session.blame(images, false);
  }
}
