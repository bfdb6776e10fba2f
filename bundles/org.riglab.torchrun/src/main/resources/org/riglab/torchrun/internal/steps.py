"""Executes the steps of a Riglab training in several processes, for rig's --engine torchrun.

    python steps.py agent FOLDER RUN-ARGUMENTS...    starts the processes of this machine
    steps.py rank FOLDER HOST PORT                   is one process; torchrun starts it

FOLDER is written by rig: network.pt and loss.pt (TorchScript), recipe.json, state.safetensors.
rig sends the images of each step to each process and decides when to write a checkpoint. A step
either happens in all processes or leaves each as it was.
"""
import errno
import json
import os
import signal
import socket
import struct
import sys
import time

NO_TORCH = 23


def agent(folder, arguments):
    """torchrun, in a session of its own: Ctrl-C in the terminal is rig's to handle."""
    if hasattr(os, "setsid") and os.getpgid(0) != os.getpid():
        os.setsid()
    from torch.distributed.run import main

    main(arguments)


# safetensors: eight bytes of header length, JSON, then the values, little-endian


def read_tensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            file.seek(8 + length + begin)
            values = torch.frombuffer(bytearray(file.read(end - begin)), dtype=torch.float32) \
                if end > begin else torch.empty(0)
            tensors[name] = values.reshape(entry["shape"])
    return tensors


def write_tensors(path, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.numel()
        header[name] = {
            "dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    unfinished = path + ".writing"
    try:
        with open(unfinished, "wb") as file:
            file.write(struct.pack("<Q", len(text)))
            file.write(text)
            for tensor in tensors.values():
                values = tensor.detach().to("cpu", torch.float32).contiguous().reshape(-1)
                if values.numel():
                    file.write(memoryview(values.numpy()).cast("B"))
        os.replace(unfinished, path)
    except OSError:
        if os.path.exists(unfinished):
            os.remove(unfinished)
        raise


class Connection:
    """Messages from and to rig: two lengths, JSON, bytes."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=60)
        self.socket.settimeout(None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def receive(self):
        json_length, byte_length = struct.unpack(">IQ", self._read(12))
        message = json.loads(bytes(self._read(json_length)))
        return message, self._read(byte_length)

    def _read(self, length):
        data = bytearray(length)
        view = memoryview(data)
        while len(view):
            count = self.socket.recv_into(view)
            if count == 0:
                raise ConnectionError("rig has ended")
            view = view[count:]
        return data

    def send(self, message):
        text = json.dumps(message).encode()
        self.socket.sendall(struct.pack(">IQ", len(text), 0) + text)


# operations that see the whole batch, not the process's share of it


class SharedBatchNorm:
    """Takes the place of aten::batch_norm: mean and variance are those of all processes' images."""

    def __init__(self, world, clock):
        self.world = world
        self.clock = clock

    def __call__(self, x, weight, bias, mean, variance, training, momentum, eps, cudnn):
        if not training:
            return torch.native_batch_norm(
                x, weight, bias, mean, variance, False, momentum, eps)[0]
        return batch_norm_function().apply(
            x, weight, bias, mean, variance, momentum, eps, self)

    def gathered(self, values):
        if self.world == 1:
            return values.unsqueeze(0)
        with self.clock:
            rows = [torch.empty_like(values) for _ in range(self.world)]
            distributed.all_gather(rows, values)
        return torch.stack(rows)


def batch_norm_function():
    global BATCH_NORM
    if BATCH_NORM is not None:
        return BATCH_NORM

    class BatchNorm(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, bias, mean, variance, momentum, eps, shared):
            wide = x.float()
            axes = [0] + list(range(2, x.dim()))
            count = wide.numel() // wide.shape[1]
            own, squares = torch.var_mean(wide, axes, correction=0)[::-1]
            # mean and variance of the parts become those of the whole (Chan et al., 1979)
            rows = shared.gathered(torch.stack([own, squares]))
            center = rows[:, 0].mean(0)
            spread = (rows[:, 1] + (rows[:, 0] - center) ** 2).mean(0)
            total = count * shared.world
            if mean is not None:
                mean.mul_(1 - momentum).add_(center, alpha=momentum)
                variance.mul_(1 - momentum).add_(
                    spread, alpha=momentum * total / max(total - 1, 1))
            inverse = torch.rsqrt(spread + eps)
            shape = [1, -1] + [1] * (x.dim() - 2)
            normal = (wide - center.view(shape)) * inverse.view(shape)
            y = normal
            if weight is not None:
                y = normal * weight.view(shape) + bias.view(shape)
            ctx.save_for_backward(wide, weight, center, inverse)
            ctx.shared, ctx.axes, ctx.shape, ctx.total = shared, axes, shape, total
            ctx.dtype = x.dtype
            return y.to(x.dtype)

        @staticmethod
        def backward(ctx, gradient):
            wide, weight, center, inverse = ctx.saved_tensors
            shape, axes = ctx.shape, ctx.axes
            gradient = gradient.float()
            normal = (wide - center.view(shape)) * inverse.view(shape)
            own = torch.stack([gradient.sum(axes), (gradient * normal).sum(axes)])
            sums = ctx.shared.gathered(own).sum(0) / ctx.total
            scale = inverse if weight is None else inverse * weight
            back = (gradient - sums[0].view(shape) - normal * sums[1].view(shape)) \
                * scale.view(shape)
            affine = weight is not None
            return (back.to(ctx.dtype), own[1] if affine else None, own[0] if affine else None,
                    None, None, None, None, None)

    BATCH_NORM = BatchNorm
    return BATCH_NORM


BATCH_NORM = None


def shared_dropout(rank, world):
    """Takes the place of aten::dropout: draws the mask of all processes' images, uses its share."""

    def dropout(x, probability, training):
        if not training or probability == 0:
            return x
        shape = [x.shape[0] * world] + list(x.shape[1:])
        mask = torch.empty(shape, dtype=x.dtype, device=x.device).bernoulli_(1 - probability)
        share = mask[rank * x.shape[0]:(rank + 1) * x.shape[0]]
        return x * share.div(1 - probability)

    return dropout


class Clock:
    """Adds up the seconds in which the process waits for others, as far as the host notices."""

    def __init__(self):
        self.seconds = 0.0

    def __enter__(self):
        self.begin = time.perf_counter()

    def __exit__(self, *ignored):
        self.seconds += time.perf_counter() - self.begin


class Training:
    """The network, its optimiser and what a step does."""

    def __init__(self, folder, recipe, device, rank, world):
        self.folder, self.recipe, self.device = folder, recipe, device
        self.rank, self.world = rank, world
        self.clock = Clock()
        self.library = torch.library.Library("aten", "IMPL")
        key = "AutogradCUDA" if device.type == "cuda" else "AutogradCPU"
        self.library.impl("batch_norm", SharedBatchNorm(world, self.clock), key)
        self.library.impl("dropout", shared_dropout(rank, world), key)
        # operations are then those of the engine, one by one, also on the way back
        torch._C._set_graph_executor_optimize(False)
        loss = torch.jit.load(os.path.join(folder, "loss.pt"), map_location=device)
        script = torch.jit.load(os.path.join(folder, "network.pt"), map_location=device)
        script.train()
        self.parameters = dict(script.named_parameters())
        self.buffers = dict(script.named_buffers())
        self.names = {name: self.module_name(name) for name in recipe["state"]}
        self.trained = [name for name in recipe["state"] if self.names[name] in self.parameters]
        self.low = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(recipe["precision"])
        self.scaling = recipe["precision"] == "fp16"
        self.scale = [65536.0, 0, 0]
        self.average = {}
        self.optimizer = self.make_optimizer()
        self.network = self.distributed(Network(script, loss, device.type, self.low))
        self.load(read_tensors(os.path.join(folder, "state.safetensors")))

    def module_name(self, name):
        """As the export calls a tensor: a name must not continue that of another tensor."""
        while name not in self.parameters and name not in self.buffers:
            dot = name.rindex(".")
            name = name[:dot] + "_" + name[dot + 1:]
        return name

    def tensor(self, name):
        key = self.names[name]
        return self.parameters[key] if key in self.parameters else self.buffers[key]

    def make_optimizer(self):
        groups = {}
        for name in self.trained:
            rate, decay = self.recipe["groups"][name]
            groups.setdefault((rate, decay), []).append(self.tensor(name))
        rows = [{"params": tensors, "factor": rate, "lr": 0.0, "weight_decay": decay}
                for (rate, decay), tensors in groups.items()]
        if self.recipe["optimizer"] == "adamw":
            return torch.optim.AdamW(
                rows, betas=(self.recipe["beta1"], self.recipe["beta2"]), eps=1e-8)
        return torch.optim.SGD(rows, momentum=self.recipe["momentum"])

    def distributed(self, module):
        if not self.trained:
            return module
        ddp = torch.nn.parallel.DistributedDataParallel(
            module,
            device_ids=[self.device.index] if self.device.type == "cuda" else None,
            broadcast_buffers=False,
            find_unused_parameters=True,
            gradient_as_bucket_view=True)

        def add_up(state, bucket):
            # the others are transferred while the pass goes on
            last = bucket.is_last()
            begin = time.perf_counter()
            work = distributed.all_reduce(bucket.buffer(), async_op=True)

            def done(future):
                if last:
                    self.clock.seconds += time.perf_counter() - begin
                return future.value()[0]

            return work.get_future().then(done)

        ddp.register_comm_hook(None, add_up)
        return ddp

    # state, by the names of rig's files

    def kinds(self):
        if self.recipe["optimizer"] == "adamw":
            return ["exp_avg", "exp_avg_sq"]
        return ["momentum_buffer"] if self.recipe["momentum"] else []

    def load(self, tensors):
        with torch.no_grad():
            for name in self.recipe["state"]:
                self.tensor(name).copy_(tensors["weights/" + name])
            for name in self.trained:
                own = self.optimizer.state[self.tensor(name)]
                for kind in self.kinds():
                    value = tensors.get("optimizer/%s.%s" % (kind, name))
                    if value is not None:
                        own[kind] = value.to(self.device)
            if "optimizer/loss_scale" in tensors:
                self.scale = (tensors["optimizer/loss_scale"].tolist() + [0, 0])[:3]
            for name in self.recipe["state"]:
                if "average/" + name in tensors:
                    self.average[name] = tensors["average/" + name].to(self.device)

    def save(self):
        tensors = {"weights/" + name: self.tensor(name) for name in self.recipe["state"]}
        for name in self.trained:
            own = self.optimizer.state.get(self.tensor(name), {})
            for kind in self.kinds():
                if own.get(kind) is not None:
                    tensors["optimizer/%s.%s" % (kind, name)] = own[kind]
        if self.scaling:
            tensors["optimizer/loss_scale"] = torch.tensor(self.scale)
        for name, value in self.average.items():
            tensors["average/" + name] = value
        write_tensors(os.path.join(self.folder, "state.safetensors"), tensors)

    # a step

    def step(self, message, data):
        begin = time.perf_counter()
        self.clock.seconds = 0.0
        before = [(tensor, tensor.clone()) for tensor in self.buffers.values()]
        done = False
        try:
            torch.manual_seed(message["seed"])
            loss, bad = self.backward(message, data)
            answer = {"loss": number(loss)}
            if bad is not None:
                answer["bad"] = bad
            else:
                gradient = self.update(message)
                if gradient is not None:
                    answer["gradient"] = gradient
                else:
                    done = True
            if self.device.type == "cuda":
                torch.cuda.synchronize(self.device)
            answer["seconds"] = time.perf_counter() - begin
            answer["communication"] = self.clock.seconds
            return answer
        finally:
            if not done:
                with torch.no_grad():
                    for tensor, value in before:
                        tensor.copy_(value)

    def backward(self, message, data):
        """The loss of all processes, and the first pass whose loss is not finite or None."""
        self.optimizer.zero_grad(set_to_none=True)
        n, height, width = message["shape"]
        pixels = n * height * width
        divisor = torch.tensor(message["divisor"], dtype=torch.float32, device=self.device)
        shares = []
        for number in range(message["passes"]):
            images = torch.frombuffer(
                data, dtype=torch.float32, count=3 * pixels, offset=number * 12 * pixels)
            labels = torch.frombuffer(
                data, dtype=torch.uint8, count=pixels,
                offset=(message["passes"] * 12 + number) * pixels)
            images = images.reshape(n, 3, height, width).to(self.device)
            labels = labels.reshape(n, height, width).to(self.device).long()
            last = number == message["passes"] - 1
            if last or not self.trained:
                shares.append(self.one_pass(images, labels, divisor))
            else:
                with self.network.no_sync():
                    shares.append(self.one_pass(images, labels, divisor))
        losses = torch.stack(shares).double()
        with self.clock:
            distributed.all_reduce(losses)
        values = losses.tolist()
        bad = next((i for i, value in enumerate(values) if not finite(value)), None)
        return sum(values), bad

    def one_pass(self, images, labels, divisor):
        loss = self.network(images, labels, divisor)
        (loss * self.scale[0] if self.scaling else loss).backward()
        return loss.detach()

    def update(self, message):
        """The name of the first gradient that is not finite, or None."""
        gradients = [(name, self.tensor(name).grad) for name in self.trained
                     if self.tensor(name).grad is not None]
        if self.scaling:
            for _, gradient in gradients:
                gradient.div_(self.scale[0])
        norms = torch._foreach_norm([gradient for _, gradient in gradients]) if gradients else []
        good = [bool(value) for value in torch.isfinite(torch.stack(norms)).tolist()] \
            if gradients else []
        if self.scaling and not all(good):
            self.scale = [self.scale[0] / 2, 0, self.scale[2] + 1]
            return None
        if not all(good):
            return gradients[good.index(False)][0]
        if self.scaling:
            streak = self.scale[1] + 1
            self.scale = [self.scale[0] * 2, 0, self.scale[2]] if streak >= 2000 \
                else [self.scale[0], streak, self.scale[2]]
        if self.recipe["clip_norm"] > 0:
            torch.nn.utils.clip_grad_norm_(
                [self.tensor(name) for name, _ in gradients], self.recipe["clip_norm"])
        for group in self.optimizer.param_groups:
            group["lr"] = message["rate"] * group["factor"]
        if self.recipe["optimizer"] == "adamw":
            done = message["number"] - 1 - self.scale[2]
            for name, _ in gradients:
                own = self.optimizer.state[self.tensor(name)]
                for kind in self.kinds():
                    if kind not in own:
                        own[kind] = torch.zeros_like(self.tensor(name))
                own["step"] = torch.tensor(float(done))
        self.optimizer.step()
        self.take_average()
        return None

    def take_average(self):
        if not self.recipe["ema"]:
            return
        with torch.no_grad():
            for name in self.recipe["state"]:
                value = self.tensor(name).detach()
                if name in self.average:
                    self.average[name].lerp_(value, 1 - self.recipe["ema"])
                else:
                    self.average[name] = value.clone()


def finite(value):
    return value == value and abs(value) != float("inf")


def number(value):
    """As JSON can have it."""
    if finite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def one_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "%s: %s" % (type(error).__name__, lines[-1] if lines else "")


def serve(training, connection):
    while True:
        message, data = connection.receive()
        if message["op"] == "stop":
            return
        try:
            if message["op"] == "step":
                answer = training.step(message, data)
            else:
                training.save()
                answer = {}
        except Exception as error:  # rig decides what is to be done
            full = message["op"] == "save" and isinstance(error, OSError) \
                and error.errno in (errno.ENOSPC, errno.EDQUOT)
            answer = {"full": error.strerror} if full else {"error": one_line(error)}
        connection.send(answer)


def rank_main(folder, host, port):
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    connection = Connection(host, int(port))
    try:
        connection.send({"token": os.environ["RIGLAB_TOKEN"], "rank": rank, "torch": torch.__version__})
        with open(os.path.join(folder, "recipe.json")) as file:
            recipe = json.load(file)
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        gpu = recipe["device"] != "cpu" and torch.cuda.is_available()
        local = int(os.environ["LOCAL_RANK"])
        if gpu and local >= torch.cuda.device_count():
            raise RuntimeError("this machine has %d GPUs; per_node asks for more"
                               % torch.cuda.device_count())
        device = torch.device("cuda", local) if gpu else torch.device("cpu")
        if gpu:
            torch.cuda.set_device(device)
            torch.backends.cudnn.deterministic = recipe["deterministic"]
        distributed.init_process_group("nccl" if gpu else "gloo")
        training = Training(folder, recipe, device, rank, world)
        connection.send({"device": str(device)})
    except Exception as error:
        connection.send({"error": one_line(error)})
        sys.exit(1)
    # a stop is rig's to handle; when it ends, so does its connection
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve(training, connection)


if __name__ == "__main__":
    try:
        import torch
        from torch import distributed
    except ImportError as missing:
        print(missing, file=sys.stderr)
        sys.exit(NO_TORCH)

    class Network(torch.nn.Module):
        """What is wrapped: parameters that the loss does not depend on have no gradient."""

        def __init__(self, script, loss, device, low):
            super().__init__()
            self.script, self.loss = script, loss
            self.device, self.low = device, low

        def forward(self, images, labels, divisor):
            with torch.autocast(self.device, self.low, enabled=self.low is not None):
                logits = self.script(images)
            rest = [x.float() for x in logits[1:]]
            return self.loss(logits[0].float(), rest + [labels, divisor])[0]

    if sys.argv[1] == "agent":
        agent(sys.argv[2], sys.argv[3:])
    else:
        try:
            rank_main(*sys.argv[2:])
        except ConnectionError:
            sys.exit(0)
